#!/usr/bin/env node
// What each link of the chain saves: run.mjs BINARY [--small] [--data FOLDER] [--json]
// The same requests go through the real binary six times, each time with one more link switched on, to a vendor on loopback that
// gives the answers of the workload. The table is made of the ledgers; what the vendor itself has counted stands beside it.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { realWorkload, smallWorkload } from './workload.mjs';

const args = process.argv.slice(2);
const binary = path.resolve(args[0] ?? '');
const small = args.includes('--small');
const data = args.includes('--data') ? args[args.indexOf('--data') + 1] : '';
if (!fs.existsSync(binary) || (!small && !fs.existsSync(path.join(data, 'routellm')))) {
    console.error(small ? 'savings: no such binary' : `savings: skipped, ${data || 'the folder of the data'} is not here`);
    process.exit(small ? 2 : 0);
}
const items = small ? smallWorkload() : realWorkload(data);
// Labels are asked for by two programs: one at night, which can wait, and one that somebody waits for.
items.filter((item) => item.label).forEach((item, i) => { item.app = i % 2 ? 'live' : 'cron'; });
const tell = (text) => process.stderr.write(text);

/* ---- the vendor ---- */

// Both sides of the table count four bytes as a token: no vendor's tokenizer is at hand here.
const tokens = (text) => Math.ceil(Buffer.byteLength(text) / 4);
const BAR = args.includes('--bar') ? args[args.indexOf('--bar') + 1] : '0.9';
const PRICES = { strong: [10, 30], cheap: [0.6, 0.6] };
const words = (text) => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
const STOP = new Set('a an the of to in on at for with and or is are was were be been it its this that as by from has had have i you he she they we do does did how what which who when where why there can could will would not so if than then into about'.split(' '));
// Whether an answer can still be found: its words are there, in their order. Stop words inside it may be gone.
const content = (text) => ` ${words(text).filter((word) => !STOP.has(word)).join(' ')} `;
const byText = new Map(items.map((item) => [item.user, item]));
const sets = new Map(items.map((item) => [item, new Set(words(item.user))]));
// A compressed prompt has lost words: it is the one that has most of those that are left, and few besides.
function find(text) {
    const known = byText.get(text) ?? byText.get(text.trim());
    if (known) return known;
    const left = new Set(words(text));
    let best = null;
    let most = 0;
    for (const [item, set] of sets) {
        let shared = 0;
        for (const word of left) if (set.has(word)) shared++;
        const alike = shared / Math.max(left.size, set.size * 0.5);
        if (alike > most) [best, most] = [item, alike];
    }
    return most > 0.8 ? best : null;
}

const count = { calls: 0, input: 0, output: 0, pico: 0n, unknown: 0 };
const charge = (model, input, output) => {
    const [a, b] = PRICES[model];
    count.calls++;
    count.input += input;
    count.output += output;
    count.pico += BigInt(input) * BigInt(a * 1e6) + BigInt(output) * BigInt(b * 1e6);
};

function answerTo(model, text) {
    const item = find(text);
    if (!item) { count.unknown++; return 'I do not know that question.'; }
    if (item.gold && !content(text).includes(content(item.gold))) return 'The text does not say it.';
    return item[model];
}
function answer(model, body) {
    const user = body.messages.at(-1).content;
    const parts = user.split(/\n\nQ\[\d+\]: /);
    if (!/^Answer each question below/.test(user)) return answerTo(model, user);
    return parts.slice(1).map((part, i) => `A[${i + 1}]: ${answerTo(model, part)}`).join('\n');
}

const vendor = http.createServer((request, response) => {
    let text = '';
    request.on('data', (part) => { text += part; });
    request.on('end', async () => {
        const body = JSON.parse(text);
        const input = body.messages.reduce((n, m) => n + tokens(m.content) + 4, 0);
        const said = answer(body.model, body);
        const end = { id: 'x', created: 1, model: body.model };
        const usage = (output) => ({ prompt_tokens: input, completion_tokens: output, total_tokens: input + output });
        if (!body.stream) {
            charge(body.model, input, tokens(said));
            response.writeHead(200, { 'content-type': 'application/json' });
            response.end(JSON.stringify({ ...end, object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: said }, finish_reason: 'stop' }], usage: usage(tokens(said)) }));
            return;
        }
        // A token at a time: who hangs up pays for what was made.
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        let gone = false;
        response.on('close', () => { gone = true; });
        let made = 0;
        for (; made < said.length && !gone; made += 4) {
            response.write(`data: ${JSON.stringify({ ...end, object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: said.slice(made, made + 4) }, finish_reason: null }] })}\n\n`);
            await new Promise((done) => setImmediate(done));
        }
        charge(body.model, input, tokens(said.slice(0, made)));
        if (gone) return;
        response.write(`data: ${JSON.stringify({ ...end, object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\n`);
        response.write(`data: ${JSON.stringify({ ...end, object: 'chat.completion.chunk', choices: [], usage: usage(tokens(said)) })}\n\n`);
        response.end('data: [DONE]\n\n');
    });
});
await new Promise((done) => vendor.listen(0, '127.0.0.1', done));

/* ---- the six configurations ---- */

const labels = [...new Set(items.filter((item) => item.label).map((item) => item.label))].join('|');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'farthing-savings-'));
const STEPS = ['the strong model for all', '+ model selection', '+ tiers', '+ cache', '+ compression', '+ batching, early ends'];

function config(step) {
    const rest = step >= 2 ? `tiers = cheap@${BAR}, strong` : 'tiers = strong';
    const pack = step >= 4 ? 'compress = safe, stopwords\n' : '';
    const routes = [];
    if (step >= 1) {
        routes.push(`[route cron]\nheader = x-app: cron\ntiers = cheap\n${step >= 5 ? 'batch = 8 x 60ms\n' : ''}`);
        routes.push(`[route live]\nheader = x-app: live\ntiers = cheap\n${step >= 5 ? `stop = label:${labels}\n` : ''}`);
        routes.push('[route translation]\nworkload = translation\ntiers = cheap\n');
        routes.push('[route summaries]\nworkload = summarization, classification\ntiers = cheap\n');
    }
    if (step >= 4) routes.push(`[route long]\nmin_tokens = 150\n${rest}\n${pack}`);
    routes.push(`[route rest]\n${rest}\n`);
    return `[server]\nlisten = 127.0.0.1:0\nmemory = 16M\nbaseline = strong\n[ledger]\npath = ${path.join(work, `ledger-${step}`)}\n${step >= 3 ? '[cache]\nttl = 1d\nmax_temperature = 2\n' : ''}
[upstream v]\nurl = http://127.0.0.1:${vendor.address().port}\n[model strong]\nupstream = v\ninput = ${PRICES.strong[0]}\noutput = ${PRICES.strong[1]}
[model cheap]\nupstream = v\ninput = ${PRICES.cheap[0]}\noutput = ${PRICES.cheap[1]}\n${routes.join('')}`.replace(/ttl = 1d/, 'ttl = 24h');
}

async function startGateway(step) {
    const file = path.join(work, `conf-${step}`);
    fs.writeFileSync(file, config(step));
    const child = spawn(binary, ['serve', '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.on('data', (part) => { log += part; });
    for (let tries = 0; ; tries++) {
        const url = /listening on (http:\/\/[^ ]+)/.exec(log)?.[1];
        if (url) return { url, file, child, stop: () => new Promise((done) => { child.on('exit', done); child.kill('SIGTERM'); }) };
        if (child.exitCode !== null || tries > 200) throw new Error(`it does not start:\n${log}`);
        await new Promise((done) => setTimeout(done, 50));
    }
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
function ask(url, item) {
    const body = JSON.stringify({ model: 'auto', messages: [...(item.system ? [{ role: 'system', content: item.system }] : []), { role: 'user', content: item.user }], temperature: 0 });
    return new Promise((done, fail) => {
        const request = http.request(`${url}/v1/chat/completions`, { method: 'POST', agent,
            headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...(item.app ? { 'x-app': item.app } : {}) } }, (response) => {
            let text = '';
            response.on('data', (part) => { text += part; });
            response.on('end', () => {
                if (response.statusCode !== 200) return fail(new Error(`${response.statusCode}: ${text}`));
                done({ model: response.headers['x-farthing-model'], text: JSON.parse(text).choices[0].message.content, cached: /; hit/.test(response.headers['cache-status'] ?? '') });
            });
        });
        request.on('error', fail);
        request.end(body);
    });
}

// Right, wrong, or nobody knows.
function judge(item, got, tally) {
    const kind = (tally[item.kind] ??= { known: 0, right: 0 });
    let right = null;
    if (item.label) right = got.text.trim().split('\n')[0] === item.label;
    else if (item.gold) right = got.text.includes(item.gold);
    else if (item.cheapGood !== null) right = got.text === item.strong ? item.strongGood : got.text === item.cheap ? item.cheapGood : false;
    else if (got.text !== item.strong) right = item.twin ? got.text === byText.get(item.twin)?.strong : false; // another question's answer
    else right = true;
    kind.known++;
    kind.right += right ? 1 : 0;
}

/* ---- the runs ---- */

const rows = [];
for (let step = 0; step < STEPS.length; step++) {
    Object.assign(count, { calls: 0, input: 0, output: 0, pico: 0n, unknown: 0 });
    const gateway = await startGateway(step);
    const tally = {};
    let next = 0;
    let done = 0;
    await Promise.all(Array.from({ length: 8 }, async () => {
        while (next < items.length) {
            const item = items[next++];
            judge(item, await ask(gateway.url, item), tally);
            if (++done % 100 === 0) tell(`\r${STEPS[step]}: ${done} of ${items.length}   `);
        }
    }));
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    await gateway.stop();
    const report = JSON.parse(execFileSync(binary, ['report', '--json', path.join(work, `ledger-${step}`)], { encoding: 'utf8' }));
    rows.push({ step: STEPS[step], calls: count.calls, input: count.input, output: count.output, vendorUsd: Number(count.pico) / 1e12, unknown: count.unknown,
        cost: report.total.cost, lines: report.total.calls, metricsUsd: Number(/^farthing_cost_usd_total (\S+)$/m.exec(metrics)[1]), tally });
    tell(`\r${STEPS[step]}: ${items.length} of ${items.length}   \n`);
}
agent.destroy();
vendor.close();

/* ---- the table ---- */

const right = (row, kinds) => { const k = kinds.map((name) => row.tally[name]).filter(Boolean); return k.reduce((n, t) => n + t.right, 0) / k.reduce((n, t) => n + t.known, 0); };
const share = (value) => `${(100 * value).toFixed(1)} %`;
if (args.includes('--json')) {
    console.log(JSON.stringify({ items: items.length, rows }));
} else {
    console.log('| | calls | tokens in | out | cost, USD | of the first row | reasoning right | reading right | labels right |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|');
    for (const row of rows)
        console.log(`| ${row.step} | ${row.calls} | ${row.input} | ${row.output} | ${row.cost.toFixed(4)} | ${share(row.cost / rows[0].cost)} | ${share(right(row, ['reasoning']))} | ${share(right(row, ['reading']))} | ${share(right(row, ['classification']))} |`);
    const kinds = Object.entries(rows[0].tally).map(([name, t]) => `${t.known} ${name}`).join(', ');
    console.log(`\n${items.length} requests: ${kinds}. Prices: strong $${PRICES.strong.join(' / $')}, cheap $${PRICES.cheap.join(' / $')} per million tokens in / out. Four bytes are a token.`);
    const last = rows.at(-1);
    console.log(`Prompts that the vendor did not know after compression: ${rows.map((row) => row.unknown).join(', ')} by row; they count as wrong.`);
    console.log(`Answers that were another question's: ${rows.map((row) => (row.tally.talk ? row.tally.talk.known - row.tally.talk.right : 0)).join(', ')} by row.`);
    console.log(`The vendor itself has counted ${rows.map((row) => row.vendorUsd.toFixed(4)).join(', ')} USD; in the last row the ledger estimates calls that were hung up on (${share(last.cost / last.vendorUsd - 1)} apart).`);
}
fs.rmSync(work, { recursive: true, force: true });
process.exitCode = 0;
