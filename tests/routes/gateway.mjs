// A gateway that learns while it serves: every question of a set is asked once, in order, of the binary with a vendor on loopback that
// gives the recorded answers. Before each a dry run tells what the route expects of the strong model.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { tokens } from './sets.mjs';

function vendorOf(questions) {
    const known = new Map(questions.map((q) => [q.prompt, q]));
    return http.createServer((request, response) => {
        let text = '';
        request.on('data', (part) => { text += part; });
        request.on('end', () => {
            const body = JSON.parse(text);
            const prompt = body.messages.at(-1).content;
            const said = known.get(prompt)[`${body.model}Text`];
            const usage = { prompt_tokens: tokens(prompt), completion_tokens: tokens(said) };
            response.writeHead(200, { 'content-type': 'application/json' });
            response.end(JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model: body.model,
                choices: [{ index: 0, message: { role: 'assistant', content: said }, finish_reason: 'stop' }], usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens } }));
        });
    });
}

function start(binary, file) {
    const child = spawn(binary, ['serve', '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    const gateway = { log: '', url: '', stop: () => new Promise((done) => { child.on('exit', done); child.kill('SIGTERM'); }) };
    return new Promise((done, fail) => {
        child.stderr.on('data', (part) => {
            gateway.log += part;
            gateway.url ||= /listening on (http:\/\/[^ \n]+)/.exec(gateway.log)?.[1] ?? '';
            if (gateway.url) done(gateway);
        });
        child.on('exit', () => fail(new Error(`it does not start:\n${gateway.log}`)));
    });
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
function ask(url, prompt, headers) {
    const body = JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: prompt }] });
    return new Promise((done, fail) => {
        const request = http.request(`${url}/v1/chat/completions`, { method: 'POST', agent,
            headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers } }, (response) => {
            let text = '';
            response.on('data', (part) => { text += part; });
            response.on('end', () => (response.statusCode === 200 ? done({ head: response.headers, body: JSON.parse(text) }) : fail(new Error(`${response.statusCode}: ${text}`))));
        });
        request.on('error', fail);
        request.end(body);
    });
}

export async function replay(binary, work, set, { bar, learn, shadow }) {
    const vendor = vendorOf(set.questions);
    await new Promise((done) => vendor.listen(0, '127.0.0.1', done));
    const ledger = path.join(work, `ledger-${learn}-${shadow}`);
    const file = path.join(work, 'gateway.conf');
    for (const old of fs.readdirSync(work).filter((name) => name.startsWith(path.basename(ledger)))) fs.rmSync(path.join(work, old));
    const model = (name) => `[model ${name}]\nupstream = v\ninput = ${set.prices[name][0]}\noutput = ${set.prices[name][1]}\n`;
    fs.writeFileSync(file, `[server]\nlisten = 127.0.0.1:0\nlog_level = debug\n[ledger]\npath = ${ledger}\n[cache]\nsize = 0\n`
        + `[upstream v]\nurl = http://127.0.0.1:${vendor.address().port}\n${model('strong')}${model('cheap')}`
        + `[route r]\ntiers = cheap@${bar}, strong\n${learn ? `learn = yes\nshadow = ${shadow}%\n` : ''}`);
    const gateway = await start(binary, file);
    const out = { usd: 0, right: 0, calls: 0, gains: [], labels: [], state: '', order: 0 };
    const places = new Map();
    for (const [i, q] of set.questions.entries()) {
        if (learn) {
            const dry = (await ask(gateway.url, q.prompt, { 'x-farthing-dry-run': '1' })).body.learn;
            out.gains.push(dry.gain);
            [out.state, out.order] = [dry.state, dry.order];
        }
        const { head } = await ask(gateway.url, q.prompt, {});
        const strong = head['x-farthing-model'] === 'strong';
        out.right += (strong ? q.strong : q.cheap) / set.questions.length;
        out.calls += strong ? 1 / set.questions.length : 0;
        places.set(head['x-request-id'], i);
    }
    // The last shadow is under way still: nobody waits for it but we.
    for (let before = -1, after = 0; before !== after; ) {
        before = after;
        await new Promise((done) => setTimeout(done, 100));
        after = gateway.log.length;
    }
    await gateway.stop();
    vendor.close();
    for (const [, id, gain] of gateway.log.matchAll(/(\S+): learned a gain of (-?[\d.]+)/g))
        if (places.has(id)) out.labels[places.get(id)] = Number(gain);
    out.usd = JSON.parse(execFileSync(binary, ['report', '--json', ledger], { encoding: 'utf8' })).total.cost;
    return out;
}
