// End to end: `farthing probe` against servers with every fault, and what it says of each. Loopback only.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { finish, makeCertificates, start, startFarthing, test, until } from './harness.mjs';
import { startProxies } from './proxy.mjs';
import { startTls } from './tls.mjs';

const binary = process.argv[2];
const KEY = 'sk-secret-of-the-owner';
const certs = makeCertificates('probe-certs');
const vendor = await startFarthing(binary, ['standin', '--listen', '127.0.0.1:0']);
const tls = await startTls(certs, vendor.port);
const proxies = await startProxies();
const listening = (server, ...at) => new Promise((done) =>
    server.listen(0, ...at, () => done(server.address().port)));
const closed = await new Promise((done) => {
    const server = net.createServer();
    listening(server, '127.0.0.1').then((port) => server.close(() => done(port)));
});
const silent = await listening(net.createServer((socket) => socket.on('error', () => {})), '127.0.0.1');
const curt = await listening(net.createServer((socket) => socket.destroy()), '127.0.0.1');
const garbage = await listening(net.createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n')), '127.0.0.1');
// Answers as its path says; /v1 is what a vendor's list looks like.
const heard = [];
const list = { object: 'list', data: [{ id: 'one', permission: [{ id: 'two' }] }, { id: 'models/three' },
    { id: 'four:latest' }, { id: 'five-20250929' }] };
const web = await listening(http.createServer((request, response) => {
    const status = Number(/^\/(\d+)/.exec(request.url)?.[1] ?? 200);
    heard.push(request);
    const body = request.url.startsWith('/page') ? '<html>"id":"one"</html>'
        : request.url.startsWith('/bare') ? JSON.stringify(list.data)
        : status >= 400 ? JSON.stringify({ error: { message: request.url.startsWith('/402')
            ? `pay for ${request.headers.authorization}` : 'so it is' } }) : JSON.stringify(list);
    if (request.url.startsWith('/late')) response.setHeader('date', 'Sun, 06 Nov 1994 08:49:37 GMT');
    if (status >= 300 && status < 400) response.setHeader('location', 'https://elsewhere.example/v1');
    response.writeHead(status).end(body);
}), '127.0.0.1');

const file = 'probe.conf';
const models = ['one', 'three', 'four', 'five'];
fs.writeFileSync(file, `[server]
listen = 127.0.0.1:0
ca = ${certs}/ca.pem
[ledger]
path = probe.ledger
` + Object.entries({
    good: [tls.good.port], wrongname: [tls.elsewhere.port], expired: [tls.expired.port],
    early: [tls.early.port], unknown: [tls.unknown.port], self: [tls.self.port], new: [tls.tls13.port],
    silent: [silent, 'connect_timeout = 300ms\n'],
    proxied: [tls.good.port, `proxy = http://user:p%40ss@localhost:${proxies.http.port}\n`],
    socks: [tls.good.port, `proxy = socks5h://user:p%40ss@127.0.0.1:${proxies.socks.port}\n`],
    keptout: [tls.good.port, `proxy = http://127.0.0.1:${proxies.http.port}\n`],
    noproxy: [tls.good.port, `proxy = http://127.0.0.1:${closed}\n`],
}).map(([name, [port, more = '']]) =>
    `[upstream ${name}]\nurl = https://localhost:${port}/v1\nkey_env = PROBE_KEY\n${more}`).join('') +
    Object.entries({ dead: [closed], lan: [web], lacking: [web] }).map(([name, [port]]) =>
        `[upstream ${name}]\nurl = http://127.0.0.1:${port}/v1\n`).join('') +
    '[upstream builtin]\ndialect = standin\n' +
    [['small', 'good', 'standin-small'], ...models.map((id) => [id, 'lan', id]), ['x', 'lacking', 'one'],
        ['y', 'lacking', 'two']]
        .map(([name, up, id]) => `[model ${name}]\nupstream = ${up}\nid = ${id}\nfree = yes\n`).join(''));

async function probe(args, env = { PROBE_KEY: KEY }) {
    const it = start(binary, ['probe', ...args], { env });
    await until('the end of the probe', () => it.status !== undefined);
    await new Promise((done) => setImmediate(done));
    assert.ok(!it.log.includes(KEY) && !it.log.includes('p@ss'), it.log);
    assert.doesNotMatch(it.log, /AddressSanitizer|runtime error/);
    return it;
}
const configured = (name) => probe(['-c', file, name]);
const says = (it, status, ...patterns) => {
    assert.equal(it.status, status, it.log);
    for (const pattern of patterns) assert.match(it.log, pattern);
};

await test('all is well: every step in a line, exit 0', async () => {
    const it = await configured('good');
    says(it, 0, /^upstream good: https:\/\/localhost:\d+\/v1$/m, /^ok {4}key: PROBE_KEY$/m,
        /^ok {4}clock: it says 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d$/m,
        /^ok {4}CA bundle: probe-certs\/ca\.pem, 1 authorities$/m,
        /^ok {4}DNS: localhost is .*127\.0\.0\.1.* in \d+ ms$/m, /^ok {4}connect: 127\.0\.0\.1:\d+ in \d+ ms/m,
        /^ok {4}TLS: 1\.2, ECDHE-RSA-(AES|CHACHA)\S+ in \d+ ms$/m,
        /^ {6}certificate: localhost for localhost, by farthing test ca, from \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d, known to the CA bundle$/m,
        /^ok {4}models: \d+ listed in \d+ ms, all that are configured among them$/m);
    assert.equal(it.log.trim().split('\n').length, 9, it.log);
});

await test('certificates: each check that fails is told, with the chain', async () => {
    says(await configured('wrongname'), 1, /^FAIL {2}TLS: its certificate is for another host/m, /for elsewhere\.example, by/);
    says(await configured('expired'), 1, /^FAIL {2}TLS: its certificate has expired/m, /from \d{4}-.* to \d{4}-/);
    says(await configured('early'), 1, /^FAIL {2}TLS: its certificate is not valid yet; the clock/m);
    says(await configured('unknown'), 1, /^FAIL {2}TLS: its certificate was issued by no authority/m, /by farthing test strangers, from \S+ to \S+$/m);
    says(await configured('self'), 1, /^FAIL {2}TLS: its certificate was issued by no authority/m, /: localhost for localhost, by localhost/);
    says(await configured('new'), 1, /^FAIL {2}TLS: it does not speak TLS 1\.2.*\(alert \d+\)/m);
});

await test('what listens there is no TLS, or nothing at all', async () => {
    says(await configured('silent'), 1, /^FAIL {2}TLS: connected, and then nothing came/m);
    says(await probe([`https://localhost:${curt}`, '-c', file]), 1, /^FAIL {2}TLS: closed at once/m);
    says(await probe([`https://localhost:${web}`, '-c', file]), 1, /^FAIL {2}TLS: it does not speak TLS 1\.2 in a way that makes sense.*http:\/\//m);
    says(await configured('dead'), 1, /^ok {4}key: none/m, /^FAIL {2}connect: 127\.0\.0\.1.*: connection refused; nothing listens/m);
    says(await probe([`http://localhost:${garbage}`]), 1, /^FAIL {2}models: the answer is no HTTP/m);
});

await test('through proxies', async () => {
    const to = new RegExp(`^ok {4}proxy: lets through to localhost in \\d+ ms$`, 'm');
    says(await configured('proxied'), 0, /^ok {4}DNS: localhost is/m, to, /^ok {4}TLS/m, /^ok {4}models/m);
    says(await configured('socks'), 0, to, /^ok {4}TLS/m, /^ok {4}models/m);
    says(await configured('keptout'), 1, /^FAIL {2}proxy: .*\(status 407\); /m);
    says(await configured('noproxy'), 1, /^FAIL {2}connect: .*connection refused/m);
});

await test('the list: names that differ in form only are there, others are told', async () => {
    const lan = await configured('lan');
    says(lan, 0, /^ok {4}models: 4 listed in \d+ ms, all/m);
    assert.equal(heard.at(-1).url, '/v1/models');
    assert.equal(heard.at(-1).headers.authorization, undefined);
    says(await configured('lacking'), 1, /^FAIL {2}models: 4 listed in \d+ ms, but not two: /m);
    says(await probe([`http://127.0.0.1:${web}/bare`]), 0, /^ok {4}models: 4 listed in \d+ ms$/m);
});

await test('a url alone: statuses and what to do about each', async () => {
    for (const [path, ...patterns] of [
        ['401', /FAIL {2}models: status 401, the key is missing/, /it says: so it is$/m],
        ['403', /status 403, refused/], ['404', /status 404, no models below that path.*\/v1/],
        ['429', /status 429, too many requests/], ['500', /status 500, the vendor's own trouble/],
        ['503', /status 503/], ['307', /status 307, it redirects.*: https:\/\/elsewhere\.example/],
        ['418', /status 418, it does not understand/], ['page', /status 200, but no list of models/]])
        says(await probe([`http://127.0.0.1:${web}/${path}`]), 1, ...patterns);
    says(await probe([`http://127.0.0.1:${web}/late`]), 0, /^note {2}clock: \d{7,} minutes ahead of .* 1994-11-06/m);
    says(await probe([`http://127.0.0.1:${closed}`]), 1, /connection refused/);
});

await test('a url of a configured host has its key, which is not told even when the server tells it', async () => {
    says(await probe([`https://localhost:${tls.good.port}/v1`, '-c', file]), 0, /^ok {4}key: PROBE_KEY/m);
    const own = fs.readFileSync(file, 'utf8').replace(`http://127.0.0.1:${web}/v1\n`, '$&key_env = PROBE_KEY\n');
    fs.writeFileSync('probe-key.conf', own);
    const it = await probe([`http://127.0.0.1:${web}/402`, '-c', 'probe-key.conf']);
    says(it, 1, /status 402, no credit/);
    assert.equal(heard.at(-1).headers.authorization, `Bearer ${KEY}`);
    assert.doesNotMatch(it.log, /; it says/);
    const before = heard.length;
    says(await probe([`http://127.0.0.1:${web}/v1`, '-c', 'probe-key.conf'], { PROBE_KEY: `"${KEY}"`.replace(KEY, 'quoted') }), 1,
        /^FAIL {2}key: PROBE_KEY holds a blank, a quote/m);
    assert.equal(heard.length, before); // such a key is not sent
});

await test('without a file the keys of the environment are upstreams', async () => {
    says(await probe(['nowhere'], { OPENAI_API_KEY: KEY }), 2, /no \[upstream\] of that name 'nowhere'/);
    says(await probe([], {}), 2, /no configuration: give one with -c FILE/);
});

await test('all upstreams of a file, and what is built in', async () => {
    const it = await probe(['-c', file]);
    says(it, 1, /^the stand-in is built in/m, /^upstream good:/m, /^upstream lacking:/m);
    assert.equal(it.log.match(/^upstream /gm).length, 15);
    says(await configured('builtin'), 0);
});

await test('wrong usage is 2, and so is a file with errors', async () => {
    for (const args of [['a', 'b'], ['-x'], ['-c'], ['ftp://localhost'], ['-c', file, 'nobody'], ['-c', 'nowhere.conf']])
        says(await probe(args), 2, /farthing: |error: /);
});

await test('no CA bundle: told, and not taken for a fault of the server', async () => {
    fs.writeFileSync('probe-ca.conf', fs.readFileSync(file, 'utf8').replace('/ca.pem', '/none.pem'));
    says(await probe(['-c', 'probe-ca.conf', 'good']), 1, /^FAIL {2}no CA bundle can be read \(tried probe-certs\/none\.pem\)/m);
    says(await probe(['-c', 'probe-ca.conf', 'lan']), 0);
});

assert.equal(await vendor.stop(), 0);
finish();
