// End to end: real clients against the real binary, with a stand-in vendor behind TLS. Loopback only.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import OpenAI from 'openai';
import { promisify } from 'node:util';
import { finish, makeCertificates, startFarthing, test as run, until } from './harness.mjs';
import { startProxies } from './proxy.mjs';
import { startTls } from './tls.mjs';

const binary = process.argv[2];
const certs = makeCertificates('certs');
const vendor = await startFarthing(binary, ['standin', '--listen', '127.0.0.1:0']);
const tls = await startTls(certs, vendor.port);
const proxies = await startProxies();
const ledgerPath = 'e2e.ledger';
fs.rmSync(ledgerPath, { force: true });

const upstream = (name, port, more = '') =>
    `[upstream ${name}]\nurl = https://localhost:${port}/v1\nkey_env = E2E_KEY\n${more}`;
const model = (name, up, id = 'standin-small', more = 'input = 0.1\noutput = 0.4\n') =>
    `[model ${name}]\nupstream = ${up}\nid = ${id}\n${more}`;
const closed = await new Promise((done) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        server.close(() => done(port));
    });
});
// What a vendor is sent, byte for byte.
const heard = [];
const echo = net.createServer((socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (data) => {
        text += data.toString('latin1');
        const end = text.indexOf('\r\n\r\n');
        const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
        if (end < 0 || text.length < end + 4 + length) return;
        heard.push(text);
        const body = '{"object":"chat.completion","choices":[],"usage":{"prompt_tokens":1000,' +
            '"prompt_tokens_details":{"cached_tokens":400},"completion_tokens":10}}';
        socket.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ` +
            `${body.length}\r\n\r\n${body}`);
    });
}).listen(0, '127.0.0.1');
await until('the echo', () => echo.address());

const config = `[server]
listen = 127.0.0.1:0
ca = ${certs}/ca.pem
max_body = 200K
[ledger]
path = ${ledgerPath}
sync = each
${upstream('good', tls.good.port, 'connections = 32\n')}
${upstream('aes', tls.aes.port)}
${upstream('drain', tls.good.port, 'on_abort = drain\n')}
${upstream('elsewhere', tls.elsewhere.port)}${upstream('expired', tls.expired.port)}
${upstream('early', tls.early.port)}${upstream('unknown', tls.unknown.port)}
${upstream('self', tls.self.port)}${upstream('tls13', tls.tls13.port)}
${upstream('quick', tls.good.port, 'first_byte_timeout = 300ms\n')}
${upstream('proxied', tls.good.port, `proxy = http://user:p%40ss@localhost:${proxies.http.port}\n`)}
${upstream('socks', tls.good.port, `proxy = socks5h://user:p%40ss@127.0.0.1:${proxies.socks.port}\n`)}
${upstream('kept-out', tls.good.port, `proxy = http://127.0.0.1:${proxies.http.port}\n`)}
[upstream dead]
url = http://127.0.0.1:${closed}/v1
[upstream echo]
url = http://127.0.0.1:${echo.address().port}/v1
key_env = E2E_KEY
[upstream claude]
url = http://127.0.0.1:${vendor.port}/v1
dialect = anthropic
${model('small', 'good')}${model('aes', 'aes')}${model('echo', 'echo', 'vendor/"x"', 'input = 1\ncached_input = 0.1\noutput = 2\n')}
${model('slow', 'good', 'standin-small+rate:20+tokens:200')}
${model('slow-drain', 'drain', 'standin-small+rate:100+tokens:60')}
${model('nousage', 'good', 'standin-small+nousage')}
${model('cut', 'good', 'standin-small+cut:5')}${model('garbage', 'good', 'standin-small+garbage')}
${model('hang', 'quick', 'standin-small+hang')}${model('dead', 'dead')}
${['elsewhere', 'expired', 'early', 'unknown', 'self', 'tls13', 'proxied', 'socks', 'kept-out'].map((n) => model(n, n)).join('')}
${[401, 404, 429, 500].map((n) => model(`e${n}`, 'good', `standin-small+fail:${n}`)).join('')}
${model('claude', 'claude', 'standin-small', 'input = 3\ncached_input = 0.3\noutput = 15\n')}
`;
fs.writeFileSync('e2e.conf', config);
const env = { ...process.env, E2E_KEY: 'sk-secret-of-the-owner' };
const gateway = await startFarthing(binary, ['serve', '-c', 'e2e.conf'], { env });
const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'of-the-client', maxRetries: 0 });
const messages = [{ role: 'user', content: 'How much is a farthing?' }];
const lines = () => fs.readFileSync(ledgerPath, 'utf8').trim().split('\n').slice(2)
    .map((line) => line.split('\t'));
const lastLine = async (count) => {
    await until(`ledger line ${count}`, () => lines().length >= count);
    const all = lines();
    assert.equal(all.length, count);
    const [, id, , , , asked, used, , input, cached, output, , cost, , status, , , tags] = all.at(-1);
    return { id, asked, used, input: +input, cached: +cached, output: +output, cost, status: +status, tags };
};
let calls = 0;
// The line of a call comes after its answer: none is on its way any more (or the gateway has ended).
const idle = async () => {
    if (gateway.status !== undefined) return true;
    const page = await fetch(`${gateway.url}/metrics`).then((answer) => answer.text(), () => '');
    return gateway.status !== undefined || /^farthing_requests_running 0$/m.test(page);
};
// A test that failed leaves the count of calls behind: each begins from what is there.
const test = (name, body) => run(name, async () => {
    await until('an idle gateway', idle);
    calls = fs.existsSync(ledgerPath) ? lines().length : 0;
    await body();
});
const post = (path, body, headers = {}) => fetch(gateway.url + path, {
    method: 'POST', headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
});

await test('the openai client chats over verified TLS, and the ledger has the line', async () => {
    const { data, response } = await client.chat.completions
        .create({ model: 'small', messages }).withResponse();
    assert.match(data.choices[0].message.content, /stand-in/);
    const line = await lastLine(++calls);
    assert.equal(line.asked, 'small');
    assert.equal(line.status, 200);
    assert.equal(line.input, data.usage.prompt_tokens);
    assert.equal(line.output, data.usage.completion_tokens);
    const usd = (data.usage.prompt_tokens * 0.1 + data.usage.completion_tokens * 0.4) / 1e6;
    assert.equal(line.cost, usd.toFixed(12));
    assert.equal(response.headers.get('x-farthing-cost'), line.cost);
    assert.equal(response.headers.get('x-request-id'), line.id);
});
await test('a stream without usage asked for: the usage event is kept, the ledger is exact', async () => {
    let text = '';
    let usages = 0;
    for await (const chunk of await client.chat.completions.create({ model: 'small', messages, stream: true })) {
        text += chunk.choices[0]?.delta?.content ?? '';
        if (chunk.usage || chunk.choices.length === 0) usages++;
    }
    assert.match(text, /good order/);
    assert.equal(usages, 0);
    const line = await lastLine(++calls);
    assert.equal(line.output, 24);
    assert.doesNotMatch(line.tags, /estimated/);
});
await test('a stream with usage asked for gets it', async () => {
    let usage;
    for await (const chunk of await client.chat.completions.create({
        model: 'small', messages, stream: true, stream_options: { include_usage: true } }))
        usage = chunk.usage ?? usage;
    assert.equal(usage.completion_tokens, 24);
    assert.equal((await lastLine(++calls)).input, usage.prompt_tokens);
});
await test('proxies of HTTP and SOCKS5: verified TLS runs through them, the name is theirs to look up', async () => {
    for (const [name, proxy] of [['proxied', proxies.http], ['socks', proxies.socks]]) {
        const answer = await client.chat.completions.create({ model: name, messages });
        assert.match(answer.choices[0].message.content, /stand-in/);
        assert.equal((await lastLine(++calls)).status, 200);
        await client.chat.completions.create({ model: name, messages });
        assert.deepEqual(proxy.seen, [`localhost:${tls.good.port}`]); // the second call found it warm
        await lastLine(++calls);
    }
    const refused = await post('/v1/chat/completions', { model: 'kept-out', messages });
    assert.equal(refused.status, 502);
    assert.match(await refused.text(), /the proxy 127\.0\.0\.1:\d+ wants a user and a password \(status 407\)/);
    await lastLine(++calls);
    assert.doesNotMatch(gateway.log, /p@ss|p%40ss|dXNlcjpw/);
});
await test('tools and JSON schema output', async () => {
    const tool = { type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: {} } } };
    const called = await client.chat.completions.create({ model: 'small', messages, tools: [tool] });
    assert.equal(called.choices[0].message.tool_calls[0].function.name, 'look_up');
    const json = await client.chat.completions.create({ model: 'small', messages, response_format: {
        type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } } });
    assert.deepEqual(JSON.parse(json.choices[0].message.content), { answer: 'stand-in' });
    calls += 2;
});
await test('embeddings, completions, responses', async () => {
    const vectors = await client.embeddings.create({ model: 'small', input: ['one', 'two, three'] });
    assert.equal(vectors.data.length, 2);
    assert.ok(Math.abs(vectors.data[1].embedding.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-6);
    const text = await client.completions.create({ model: 'small', prompt: 'Once' });
    assert.match(text.choices[0].text, /vendor/);
    calls += 2;
    assert.equal((await lastLine(calls)).output, 24);
    const response = await client.responses.create({ model: 'small', input: 'Hello' });
    assert.equal(response.usage.output_tokens, 24);
    let ended = '';
    for await (const event of await client.responses.create({ model: 'small', input: 'Hello', stream: true }))
        ended = event.type;
    assert.equal(ended, 'response.completed');
    calls += 2;
    assert.equal((await lastLine(calls)).output, 24);
});
await test('the Anthropic dialect, streaming and not', async () => {
    const body = { model: 'claude', max_tokens: 100, messages };
    const whole = await (await post('/v1/messages', body)).json();
    assert.equal(whole.usage.output_tokens, 24);
    assert.equal((await lastLine(++calls)).output, 24);
    const text = await (await post('/v1/messages', { ...body, stream: true })).text();
    assert.match(text, /event: message_stop/);
    const line = await lastLine(++calls);
    assert.equal(line.output, 24);
    assert.doesNotMatch(line.tags, /estimated/);
    const error = await (await post('/v1/messages', { ...body, model: 'nobody' })).json();
    assert.equal(error.type, 'error');
});
await test('models are listed, and one is looked up', async () => {
    const names = [];
    for await (const one of client.models.list()) names.push(one.id);
    assert.ok(names.includes('small') && names.includes('claude'));
    assert.equal((await client.models.retrieve('small')).id, 'small');
    await assert.rejects(client.models.retrieve('nobody'), { status: 404 });
});
await test('what the vendor is sent: only the model changed, byte for byte; no key of the client', async () => {
    const body = '{ "temperature":1.0e0,\t"messages" :[{"content":"\\u00e9\\n","role":"user"}],\n' +
        '"mod\\u0065l": "echo"  , "zz":{"b":1,"a":[ ]}}';
    const answer = await post('/chat/completions/', body, { authorization: 'Bearer of-the-client', cookie: 'x=1',
        'anthropic-beta': 'a, b' });
    assert.equal(answer.status, 200);
    const [head, sent] = heard.at(-1).split('\r\n\r\n');
    assert.equal(sent, body.replace('"echo"', '"vendor/\\"x\\""'));
    assert.match(head, /^POST \/v1\/chat\/completions HTTP\/1\.1\r\n/);
    assert.match(head, /authorization: Bearer sk-secret-of-the-owner\r\n/i);
    assert.match(head, /anthropic-beta: a, b/);
    assert.doesNotMatch(head, /of-the-client|cookie/i);
    const line = await lastLine(++calls);
    assert.deepEqual([line.input, line.cached, line.output], [1000, 400, 10]);
    assert.equal(line.cost, '0.000660000000'); // 600 x 1 + 400 x 0.1 + 10 x 2, per million
});
await test("the vendor's own errors come through as they are", async () => {
    for (const status of [401, 404, 429, 500]) {
        await assert.rejects(client.chat.completions.create({ model: `e${status}`, messages }),
            (error) => error.status === status && /stand-in was asked/.test(error.message));
        const line = await lastLine(++calls);
        assert.deepEqual([line.status, line.cost], [status, '0.000000000000']);
    }
});
await test('certificates are verified, and each failure says why', async () => {
    const wrong = { elsewhere: /host/i, expired: /expired/i, early: /not (yet )?valid|clock/i,
        unknown: /issuer|authority|CA/i, self: /issuer|authority|CA|self/i, tls13: /1\.3|version/i };
    for (const [name, why] of Object.entries(wrong)) {
        const answer = await post('/v1/chat/completions', { model: name, messages });
        const { error } = await answer.json();
        assert.equal(answer.status, 502, `${name}: ${error.message}`);
        assert.match(error.message, why, name);
        assert.match(error.message, /localhost/, name);
        assert.equal((await lastLine(++calls)).status, 0);
    }
});
await test('AES-GCM alone is spoken as well, and sessions are resumed', async () => {
    await client.chat.completions.create({ model: 'aes', messages });
    calls++;
    await Promise.all(Array.from({ length: 4 }, () => client.chat.completions.create({ model: 'small', messages })));
    calls += 4;
    assert.ok(tls.good.seen.resumed > 0);
});
await test('a dead, a silent, a broken vendor', async () => {
    const cases = { dead: 502, hang: 504, garbage: 502 };
    for (const [name, status] of Object.entries(cases)) {
        assert.equal((await post('/v1/chat/completions', { model: name, messages })).status, status, name);
        calls++;
    }
    assert.equal((await post('/v1/chat/completions', { model: 'cut', messages })).status, 502);
    const text = await (await post('/v1/chat/completions', { model: 'cut', messages, stream: true })).text();
    assert.match(text, /"code":"upstream_broken"/);
    calls += 2;
    assert.match((await lastLine(calls)).tags, /estimated/);
    await client.chat.completions.create({ model: 'nousage', messages });
    assert.match((await lastLine(++calls)).tags, /estimated/);
});
await test('a client that leaves: cancelled at once, or drained to the true sum', async () => {
    for (const [name, tags] of [['slow', /aborted.*estimated/], ['slow-drain', /^aborted$/]]) {
        const stream = await client.chat.completions.create({ model: name, messages, stream: true });
        for await (const chunk of stream) if (chunk.choices[0]?.delta?.content) break;
        stream.controller.abort();
        const line = await lastLine(++calls);
        assert.match(line.tags, tags, name);
        assert.equal(line.status, 200);
        assert.ok(name === 'slow' ? line.output < 100 : line.output === 60, `${name}: ${line.output}`);
    }
});
await test('fifty at once, streaming and not, each with its line', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, async (_, i) => {
        if (i % 2) return (await client.chat.completions.create({ model: 'small', messages })).usage.completion_tokens;
        let count = 0;
        for await (const chunk of await client.chat.completions.create({ model: 'small', messages, stream: true }))
            count += chunk.choices[0]?.delta?.content ? 1 : 0;
        return count;
    }));
    assert.deepEqual(new Set(all), new Set([24]));
    calls += 50;
    assert.equal((await lastLine(calls)).status, 200);
});
await test('what is wrong with a request is said', async () => {
    const cases = [['{', 400, 'invalid_json'], ['{"model":"small","model":"small"}', 400, 'duplicate_key'],
        ['[]', 400, 'invalid_type'], ['{}', 400, 'missing_required_parameter'],
        ['{"model":"small","stream":1}', 400, 'invalid_type'], ['{"model":"nobody"}', 404, 'model_not_found'],
        [`{"model":"small","x":"${'x'.repeat(300000)}"}`, 413, 'request_too_large'],
        [`${'['.repeat(5000)}`, 400, 'invalid_json'], ['{"model":"small","x":"\\ud800"}', 400, 'invalid_json']];
    for (const [body, status, code] of cases) {
        const answer = await post('/v1/chat/completions', body);
        assert.equal(answer.status, status, body.slice(0, 40));
        assert.equal((await answer.json()).error.code, code);
    }
    assert.equal((await fetch(`${gateway.url}/v1/chat/completions`)).status, 405);
    assert.equal((await fetch(`${gateway.url}/nothing`)).status, 404);
});
await test('raw HTTP: pipelining, chunks, 100-continue, HEAD, smuggling', async () => {
    const talk = (text) => new Promise((done, fail) => {
        let got = '';
        const socket = net.connect(gateway.port, '127.0.0.1', () => socket.write(text));
        socket.on('data', (data) => { got += data; });
        socket.on('close', () => done(got));
        socket.on('error', fail);
        socket.setTimeout(5000, () => socket.destroy());
    });
    const two = await talk('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nHEAD /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    assert.equal(two.match(/HTTP\/1\.1 200/g).length, 2);
    assert.equal(two.match(/"status":"ok"/g).length, 1);
    const body = '{"model":"small","messages":[]}';
    const half = Math.floor(body.length / 2);
    const chunked = await talk('POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\n' +
        `Transfer-Encoding: chunked\r\n\r\n${half.toString(16)};x=y\r\n${body.slice(0, half)}\r\n` +
        `${(body.length - half).toString(16)}\r\n${body.slice(half)}\r\n0\r\n\r\n`);
    assert.match(chunked, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200/);
    calls++;
    for (const [text, status] of [
        ['Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', 400], ['Content-Length: 5\r\nContent-Length: 5\r\n', 400],
        ['Transfer-Encoding: gzip, chunked\r\n', 501], ['Content-Length : 5\r\n', 400], ['X: a\n b\r\n', 400],
        ['Host: b\r\n', 400], ['X: a\r\n b\r\n', 400], [`X: ${'a'.repeat(9000)}\r\n`, 431]])
        assert.match(await talk(`POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n${text}\r\n`),
            new RegExp(`^HTTP/1.1 ${status} `), text.slice(0, 40));
});
await test('curl, health and the status page', async () => {
    const curl = async (...args) => (await promisify(execFile)('curl', ['-s', '-m', '10', ...args])).stdout;
    assert.match(await curl(`${gateway.url}/v1/chat/completions`, '-d', '{"model":"small","messages":[]}'), /stand-in/);
    calls++;
    assert.match(await curl(`${gateway.url}/readyz`), /"ledger_writable":true/);
    assert.match(await curl(`${gateway.url}/status`), /client conns/);
});
await test('memory stays under the limit, and everything is given back', async () => {
    const rss = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${gateway.child.pid}/status`, 'utf8'))[1]);
    if (!binary.includes('sanitize')) assert.ok(rss() < 9.5 * 1024, `${rss()} KiB`);
    await until('idle pools', async () => {
        const page = await (await fetch(`${gateway.url}/status`)).text();
        return /\nexchanges +\d+ +\S+ +\S+ +0 /.test(page) && / busy 0, .*\n/.test(page);
    });
});
await test('SIGHUP: a bad file is told and changes nothing, a good one is used', async () => {
    fs.writeFileSync('e2e.conf', config + '[modl x]\n');
    gateway.child.kill('SIGHUP');
    await gateway.says(/unknown section \[modl x\]; did you mean "model"\?/);
    await gateway.says(/the old configuration stays/);
    fs.writeFileSync('e2e.conf', config + model('fresh', 'good'));
    gateway.child.kill('SIGHUP');
    await gateway.says(/the new configuration is in use/);
    await client.chat.completions.create({ model: 'fresh', messages });
    assert.equal((await lastLine(++calls)).used, 'fresh');
});
await test('cache: stat and clear from the command line', async () => {
    const cache = (port, env, ...args) => {
        fs.writeFileSync('cache.conf', config.replace('127.0.0.1:0', `127.0.0.1:${port}`));
        return spawnSync(binary, ['cache', ...args, '-c', 'cache.conf'], { encoding: 'utf8', env: { ...process.env, E2E_KEY: 'x', ...env } });
    };
    assert.match(cache(gateway.port, {}, 'stat').stdout, /^hits +0\n[^]*\nentries +0\n[^]*newest_age_s +-\n$/);
    assert.equal(cache(gateway.port, {}, 'clear', '--route', 'a b').stdout.replace(/ +/, ' '), 'cleared 0\n');
    assert.equal(cache(gateway.port, {}, 'stat', '--route', 'a').status, 2);
    assert.equal(cache(gateway.port, { FARTHING_ADMIN_KEY: 'a\nb' }, 'stat').status, 2);
    const nobody = cache(closed, {}, 'stat');
    assert.equal(nobody.status, 1);
    assert.match(nobody.stderr, /nobody listens there/);
    assert.match(cache(vendor.port, {}, 'stat').stderr, /no farthing|HTTP|nothing|path/i);
});
await test('report adds the ledger up', () => {
    const out = execFileSync(binary, ['report', ledgerPath], { encoding: 'utf8' });
    assert.match(out, new RegExp(`\\nall +${calls} `));
    assert.equal(spawnSync(binary, ['report', 'e2e.conf']).status, 1);
});
await test('keys and a cap: fifty at once, a kill, a restart, and never a cent more', async () => {
    const made = spawnSync(binary, ['key', 'new', 'till'], { encoding: 'utf8' });
    const [, token] = /^#   (fk-[0-9a-f]{48})$/m.exec(made.stdout);
    const section = made.stdout.split('\n').filter((line) => !line.startsWith('#')).join('\n');
    for (const f of fs.readdirSync('.')) if (f.startsWith('cap.ledger')) fs.rmSync(f);
    fs.writeFileSync('cap.conf', `[server]\nlisten = 127.0.0.1:0\n[ledger]\npath = cap.ledger\nsync = each\n` +
        `[upstream toy]\ndialect = standin\nconnections = 64\n[model toy]\nupstream = toy\n` +
        `input = 100\noutput = 400\n${section}\n[budget house]\nlimit = 1\nper = total\n`);
    const args = ['serve', '-c', 'cap.conf'];
    let it = await startFarthing(binary, args);
    const till = () => new OpenAI({ baseURL: `${it.url}/v1`, apiKey: token, maxRetries: 2 });
    const spent = () => {
        const out = execFileSync(binary, ['report', '--json', '-c', 'cap.conf'], { encoding: 'utf8' });
        return JSON.parse(out).total.cost;
    };
    const ask = (who) => who.chat.completions.create({ model: 'toy', messages, max_tokens: 60 })
        .then(() => 200, (error) => error.status);
    await assert.rejects(ask(new OpenAI({ baseURL: `${it.url}/v1`, apiKey: 'wrong', maxRetries: 0 }))
        .then((status) => { if (status !== 200) throw new Error(`status ${status}`); }), /status 401/);
    let answers = await Promise.all(Array.from({ length: 50 }, () => ask(till())));
    assert.ok(answers.includes(200), `${answers}`);
    assert.ok(answers.every((status) => status === 200 || status === 402), `${answers}`);
    await it.stop('SIGKILL');
    assert.ok(spent() <= 1);
    it = await startFarthing(binary, args);
    answers = [];
    while (answers.at(-1) !== 402 && answers.length < 100) answers.push(await ask(till()));
    assert.equal(answers.at(-1), 402);
    await it.stop();
    const before = spent();
    assert.ok(before > 0.9 && before <= 1, `spent ${before}`);
    it = await startFarthing(binary, args);
    assert.match(it.log, /after its checkpoint/);
    assert.equal(await ask(till()), 402);
    const error = await till().chat.completions.create({ model: 'toy', messages, max_tokens: 60 }).catch((e) => e);
    assert.equal(error.code, 'budget_exceeded');
    assert.match(error.message, /house.*spent.*of 1\.000000 USD.*never begins anew/);
    const metrics = await (await fetch(`${it.url}/metrics`)).text();
    assert.match(metrics, new RegExp(`farthing_budget_spent_usd\\{budget="house",subject="all"\\} ${before.toFixed(6)}`));
    await it.stop();
    assert.equal(spent(), before);
    const csv = execFileSync(binary, ['report', '--csv', '--by', 'key', 'cap.ledger'], { encoding: 'utf8' });
    assert.match(csv, /^key,"till",\d+,/m);
});
await test('SIGTERM: what runs may finish, the ledger is whole, no secret was logged', async () => {
    const running = client.chat.completions.create({ model: 'slow-drain', messages });
    await until('the call', async () => /drain +up +calls \d+, failed \d+, busy 1/.test(
        await (await fetch(`${gateway.url}/status`)).text()));
    assert.equal(await (async () => { const stopped = gateway.stop(); await running; return stopped; })(), 0);
    assert.equal((await lastLine(++calls)).output, 60);
    assert.doesNotMatch(gateway.log, /sk-secret|of-the-client|How much/);
});
await test('a bad configuration: all errors at once, exit 2', () => {
    fs.writeFileSync('bad.conf', '[server]\nlisten = 0.0.0.0:80\nmemry = 8M\n[upstream x]\nurl = http://example.com\n' +
        '[model y]\nupstream = z\n');
    const bad = spawnSync(binary, ['check', '-c', 'bad.conf'], { encoding: 'utf8' });
    assert.equal(bad.status, 2);
    assert.match(bad.stderr, /bad.conf:2: listen/);
    assert.match(bad.stderr, /bad.conf:3: unknown key "memry".*"memory"/);
    fs.writeFileSync('bad.conf', '[upstream x]\nurl = http://example.com\n[model y]\nupstream = z\n');
    const more = spawnSync(binary, ['serve', '-c', 'bad.conf'], { encoding: 'utf8' });
    assert.equal(more.status, 2);
    assert.match(more.stderr, /in clear over the internet/);
    assert.match(more.stderr, /no such upstream/);
    assert.match(more.stderr, /has no price/);
});
await test('after kill -9 the ledger is read again and goes on', async () => {
    fs.rmSync('demo.ledger', { force: true });
    const args = ['demo', '--listen', '127.0.0.1:0', '--ledger', 'demo.ledger'];
    const clean = { ...process.env };
    for (const name of Object.keys(clean)) if (/_API_KEY$/.test(name)) delete clean[name];
    const first = await startFarthing(binary, args, { env: clean });
    await fetch(`${first.url}/v1/chat/completions`, { method: 'POST', body: '{"model":"standin-small"}' });
    await first.stop('SIGKILL');
    fs.appendFileSync('demo.ledger', '2026-01-01T00:00:00.000Z\ttorn');
    const second = await startFarthing(binary, args, { env: clean });
    assert.match(second.log, /torn last line was cut off/);
    await fetch(`${second.url}/v1/chat/completions`, { method: 'POST', body: '{"model":"standin-small"}' });
    assert.equal(await second.stop(), 0);
    const text = fs.readFileSync('demo.ledger', 'utf8');
    assert.doesNotMatch(text, /torn/);
    assert.match(text, /\tdemo\t/);
});
tls.close();
echo.close();
await vendor.stop();
finish();
