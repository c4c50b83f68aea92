// End to end: the chain of savings, with the openai client and a vendor that counts its calls. Loopback only.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import OpenAI from 'openai';
import { finish, startFarthing, test, until } from './harness.mjs';

const binary = process.argv[2];
const calls = []; // bodies, as the vendor got them
const say = {};   // by the vendor's name of the model: (body) -> text, or an object for the message

const usage = (input, output) => ({ prompt_tokens: input, completion_tokens: output, total_tokens: input + output });
function answer(body) {
    const said = (say[body.model] ?? (() => 'The capital of France is Paris, on the river Seine.'))(body);
    const message = typeof said === 'string' ? { role: 'assistant', content: said } : { role: 'assistant', ...said };
    return { id: `chatcmpl-${calls.length}`, object: 'chat.completion', created: 1700000000, model: body.model,
        choices: [{ index: 0, message, finish_reason: message.tool_calls ? 'tool_calls' : 'stop' }],
        usage: usage(50, 20) };
}
function stream(response, whole) {
    const head = { id: whole.id, object: 'chat.completion.chunk', created: whole.created, model: whole.model };
    const event = (delta, finish_reason = null) =>
        response.write(`data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
    const { message, finish_reason } = whole.choices[0];
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    event({ role: 'assistant', content: '' });
    for (const word of (message.content ?? '').match(/\s*\S+/g) ?? []) event({ content: word });
    message.tool_calls?.forEach((call, index) => {
        event({ tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.function.name, arguments: '' } }] });
        for (const piece of call.function.arguments.match(/.{1,5}/gs) ?? [])
            event({ tool_calls: [{ index, function: { arguments: piece } }] });
    });
    event({}, finish_reason);
    response.write(`data: ${JSON.stringify({ ...head, choices: [], usage: whole.usage })}\n\n`);
    response.end('data: [DONE]\n\n');
}
const vendor = http.createServer((request, response) => {
    let text = '';
    request.on('data', (data) => { text += data; });
    request.on('end', () => {
        const body = JSON.parse(text);
        calls.push(body);
        if (request.url.endsWith('/embeddings')) {
            const inputs = [body.input].flat();
            response.writeHead(200, { 'content-type': 'application/json' });
            response.end(JSON.stringify({ object: 'list', model: body.model, usage: { prompt_tokens: 4 * inputs.length, total_tokens: 4 * inputs.length },
                data: inputs.map((input, index) => ({ object: 'embedding', index, embedding: [input.length, 0.5, -1] })) }));
            return;
        }
        setTimeout(() => {
            const whole = answer(body);
            if (body.stream) return stream(response, whole);
            response.writeHead(200, { 'content-type': 'application/json' });
            response.end(JSON.stringify(whole));
        }, 30);
    });
}).listen(0, '127.0.0.1');
await until('the vendor', () => vendor.address());

const ledger = 'savings.ledger';
for (const file of [ledger, `${ledger}.budgets`, 'savings.cache']) fs.rmSync(file, { force: true });
const model = (name, input, output) => `[model ${name}]\nupstream = v\ninput = ${input}\noutput = ${output}\n`;
fs.writeFileSync('savings.conf', `[server]
listen = 127.0.0.1:0
[ledger]
path = ${ledger}
sync = each
[cache]
ttl = 1h
tool_calls = yes
snapshot = savings.cache
[upstream v]
url = http://127.0.0.1:${vendor.address().port}/v1
connections = 64
[upstream dead]
url = http://127.0.0.1:1/v1
${model('cheap', 0.1, 0.4)}${model('strong', 5, 20)}${model('embed', 0.02, 0)}
[model gone]
upstream = dead
input = 0.1
output = 0.4
[route tiers]
model = auto
tiers = cheap@0.8, strong
cache = off
[route backup]
model = safe
tiers = gone
fallback = strong
cache = off
[route batch]
model = many
tiers = cheap
batch = 8 x 300ms
cache = off
[route short]
model = short
tiers = cheap
compress = safe
stop = sentinel:"STOP"
cache = off
[route near]
model = near
tiers = cheap
near = 1
`);
const gateway = await startFarthing(binary, ['serve', '-c', 'savings.conf']);
const clientOf = (url) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
let client = clientOf(gateway.url);
const ask = (name, content, more = {}) =>
    client.chat.completions.create({ model: name, messages: [{ role: 'user', content }], ...more });
const asked = async (run) => { const before = calls.length; const value = await run(); return [value, calls.length - before]; };
const tagsOf = async (promise) => { const { data, response } = await promise.withResponse(); return [data, response.headers]; };

await test('an answer is kept, and serves the same request as a body and as a stream', async () => {
    const [first] = await asked(() => ask('cheap', 'What is the capital of France?'));
    const [[again, headers], more] = await asked(() => tagsOf(ask('cheap', 'What is the capital of France?')));
    assert.equal(more, 0);
    assert.deepEqual(again, first);
    assert.match(headers.get('cache-status'), /^farthing; hit; ttl=\d+$/);
    assert.equal(headers.get('x-farthing-cost'), '0.000000000000');
    const [streamed, none] = await asked(() => client.chat.completions.stream({ model: 'cheap',
        messages: [{ role: 'user', content: 'What is the capital of France?' }],
        stream_options: { include_usage: true } }).finalChatCompletion());
    assert.equal(none, 0);
    assert.equal(streamed.choices[0].message.content, first.choices[0].message.content);
    assert.deepEqual(streamed.usage, first.usage);
});

await test('calls of tools survive both ways', async () => {
    const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }];
    say.cheap = () => ({ content: null, tool_calls: [{ id: 'c1', type: 'function',
        function: { name: 'weather', arguments: '{"city":"Zürich \\"Altstadt\\""}' } }] });
    const request = { model: 'cheap', messages: [{ role: 'user', content: 'Weather in Zürich?' }], tools };
    const first = await client.chat.completions.stream(request).finalChatCompletion();
    const [body, none] = await asked(() => client.chat.completions.create(request));
    delete say.cheap;
    assert.equal(none, 0);
    assert.deepEqual(body.choices[0].message.tool_calls[0].function.arguments, '{"city":"Zürich \\"Altstadt\\""}');
    assert.equal(first.choices[0].message.tool_calls[0].function.name, body.choices[0].message.tool_calls[0].function.name);
    assert.equal(body.choices[0].finish_reason, 'tool_calls');
});

await test('twenty who ask the same at once share one call', async () => {
    const [answers, made] = await asked(() => Promise.all(Array.from({ length: 20 }, (_, i) => i % 2 === 0
        ? ask('cheap', 'Share this one.').then((a) => a.choices[0].message.content)
        : client.chat.completions.stream({ model: 'cheap', messages: [{ role: 'user', content: 'Share this one.' }] }).finalContent())));
    assert.equal(made, 1);
    assert.equal(new Set(answers).size, 1);
});

await test('the same question in other words, where the route says so', async () => {
    await ask('near', 'What is the capital of Portugal?');
    const [[, headers], made] = await asked(() => tagsOf(ask('near', "Hello, could you please tell me what's the capital of portugal")));
    assert.equal(made, 0);
    assert.match(headers.get('x-farthing-tags'), /hit,near/);
    const [, other] = await asked(() => ask('near', 'What is the capital of Spain?'));
    assert.equal(other, 1);
});

await test('the cheap one first, the strong one for what it refuses, each with its line', async () => {
    let [[, headers], made] = await asked(() => tagsOf(ask('auto', 'What is the capital of France?')));
    assert.equal(made, 1);
    assert.equal(headers.get('x-farthing-model'), 'cheap');
    say.cheap = () => "I'm sorry, but I can't help with that.";
    [[, headers], made] = await asked(() => tagsOf(ask('auto', 'What is the capital of France?')));
    assert.equal(made, 2);
    assert.equal(headers.get('x-farthing-model'), 'strong');
    assert.match(headers.get('x-farthing-tags'), /tier2,escalated/);
    const text = await client.chat.completions.stream({ model: 'auto', messages: [{ role: 'user', content: 'And of Italy?' }] }).finalContent();
    delete say.cheap;
    assert.match(text, /Paris/);
});

await test('a vendor that is not there: the fallback answers', async () => {
    const [, headers] = await tagsOf(ask('safe', 'Anyone?'));
    assert.equal(headers.get('x-farthing-model'), 'strong');
    assert.match(headers.get('x-farthing-tags'), /fallback/);
});

await test('eight like questions are one call, and each gets its own answer', async () => {
    say.cheap = (body) => {
        const prompt = body.messages.at(-1).content;
        const marks = [...prompt.matchAll(/^Q\[(\d+)\]: (.*)$/gm)];
        return marks.length === 0 ? 'alone' : marks.map(([, n, q]) => `A[${n}]: about ${q}`).join('\n');
    };
    const [answers, made] = await asked(() => Promise.all(Array.from({ length: 8 }, (_, i) => client.chat.completions.create({
        model: 'many', max_tokens: 50, messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: `thing ${i}` }] }))));
    delete say.cheap;
    assert.equal(made, 1);
    answers.forEach((a, i) => assert.equal(a.choices[0].message.content, `about thing ${i}`));
    assert.equal(answers.reduce((sum, a) => sum + a.usage.total_tokens, 0), 70);
});

await test('a shorter prompt goes out, a sentinel ends the answer', async () => {
    say.cheap = () => 'All that is wanted. STOP And a lot that nobody reads.';
    const request = { model: 'short', messages: [{ role: 'system', content: 'Be   kind.\n\n\n\nAlways.   ' }, { role: 'user', content: 'Say   it.' }] };
    const body = await client.chat.completions.create(request);
    assert.equal(body.choices[0].message.content.trim(), 'All that is wanted.');
    assert.equal(calls.at(-1).messages[0].content, 'Be kind.\n\nAlways.');
    assert.equal(calls.at(-1).messages[1].content, 'Say   it.');
    const text = await client.chat.completions.stream(request).finalContent();
    delete say.cheap;
    assert.equal(text.trim(), 'All that is wanted.');
});

await test('texts of an embeddings batch are kept each by itself', async () => {
    await client.embeddings.create({ model: 'embed', input: ['a', 'bb'], encoding_format: 'float' });
    const [answer, made] = await asked(() => client.embeddings.create({ model: 'embed', input: ['ccc', 'bb', 'a'], encoding_format: 'float' }));
    assert.equal(made, 1);
    assert.deepEqual(calls.at(-1).input, ['ccc']);
    assert.deepEqual(answer.data.map((d) => [d.index, d.embedding[0]]), [[0, 3], [1, 2], [2, 1]]);
});

await test('a dry run calls nobody and tells the way', async () => {
    const [plan, made] = await asked(() => fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST',
        headers: { 'x-farthing-dry-run': '1' },
        body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'Translate to French: good night' }] }) }).then((r) => r.json()));
    assert.equal(made, 0);
    assert.equal(plan.route, 'tiers');
    assert.equal(plan.workload, 'translation');
    assert.deepEqual(plan.tiers.map((t) => t.model), ['cheap', 'strong']);
});

await test('farthing route and eval speak of the same things', () => {
    const shown = execFileSync(binary, ['route', '-c', 'savings.conf'], { input: 'Write a C function that adds two numbers.' }).toString();
    assert.match(shown, /workload +code/);
    const line = execFileSync(binary, ['eval', 'refusal'], { input: '{"answer":"I\'m sorry, but I can\'t help with that."}\n', stdio: ['pipe', 'pipe', 'ignore'] });
    assert.deepEqual(JSON.parse(line), { refusal: true });
});

await test('answers outlive a restart, and the ledger adds up', async () => {
    assert.equal(await gateway.stop(), 0);
    const again = await startFarthing(binary, ['serve', '-c', 'savings.conf']);
    client = clientOf(again.url);
    const [, made] = await asked(() => ask('cheap', 'What is the capital of France?'));
    assert.equal(made, 0);
    assert.equal(await again.stop(), 0);
    const lines = fs.readFileSync(ledger, 'utf8').trim().split('\n').slice(2).map((l) => l.split('\t'));
    const report = JSON.parse(execFileSync(binary, ['report', '--json', '-c', 'savings.conf']));
    const sum = lines.reduce((total, l) => total + Number(l[12]), 0);
    assert.ok(Math.abs(Number(report.total?.cost ?? report.cost) - sum) < 1e-9, JSON.stringify(report).slice(0, 300));
});

vendor.close();
finish();
