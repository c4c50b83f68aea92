// End to end over https: openssl, curl, node and the openai client against an https listener.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { finish, startFarthing, test, until } from './harness.mjs';

const binary = process.argv[2];
const folder = path.resolve('https');
fs.rmSync(folder, { recursive: true, force: true });
fs.mkdirSync(folder);
const at = (name) => path.join(folder, name);
const run = (command, args, input = '') => {
    const it = spawnSync(command, args, { input, encoding: 'latin1', timeout: 30000 });
    return { status: it.status, out: it.stdout, all: it.stdout + it.stderr };
};
const farthing = (...args) => run(binary, args);
const crt = at('localhost.crt');
const key = at('localhost.key');

await test('farthing cert: files that openssl takes, a key for its owner only, nothing overwritten', () => {
    const made = farthing('cert', 'localhost', '--ip', '127.0.0.1', '--days', '30', '--out', folder);
    assert.equal(made.status, 0, made.all);
    assert.match(made.out, new RegExp(`tls_cert = ${crt}\ntls_key = ${key}\n`));
    assert.equal(fs.statSync(key).mode & 0o777, 0o600);
    assert.equal(run('openssl', ['verify', '-x509_strict', '-CAfile', crt, crt]).status, 0);
    const text = run('openssl', ['x509', '-in', crt, '-noout', '-text']).out;
    assert.match(text, /DNS:localhost, IP Address:127\.0\.0\.1/);
    assert.match(text, /CA:FALSE/);
    assert.match(text, /TLS Web Server Authentication/);
    assert.equal(run('openssl', ['x509', '-in', crt, '-noout', '-checkend', String(29 * 86400)]).status, 0);
    assert.notEqual(run('openssl', ['x509', '-in', crt, '-noout', '-checkend', String(31 * 86400)]).status, 0);
    const before = fs.readFileSync(crt, 'utf8') + fs.readFileSync(key, 'utf8');
    const again = farthing('cert', 'localhost', '--out', folder);
    assert.equal(again.status, 1);
    assert.match(again.all, /is there already: --force/);
    assert.equal(fs.readFileSync(crt, 'utf8') + fs.readFileSync(key, 'utf8'), before);
    fs.unlinkSync(crt); // and not half of it, either
    assert.equal(farthing('cert', 'localhost', '--out', folder).status, 1);
    assert.ok(!fs.existsSync(crt));
    assert.equal(farthing('cert', 'localhost', '--ip', '127.0.0.1', '--out', folder, '--force').status, 0);
    assert.equal(fs.statSync(key).mode & 0o777, 0o600);
    for (const args of [[], ['a b'], ['--ip', 'x'], ['a', '--days', '0'], ['a', '--what']])
        assert.equal(farthing('cert', ...args).status, 2);
});

const config = (extra = '') => `[server]
listen = 127.0.0.1:0
listen = https://127.0.0.1:0
memory = 16M
tls_cert = ${crt}
tls_key = ${key}
${extra}[ledger]
path = ${at('ledger')}
[upstream standin]
dialect = standin
connections = 64
[model m]
upstream = standin
id = standin-small
free = yes
[model slow]
upstream = standin
id = standin-small+rate:20+tokens:60
free = yes
`;
const conf = at('conf');
fs.writeFileSync(conf, config());
const checked = (text) => {
    fs.writeFileSync(at('other'), text);
    return farthing('check', '-c', at('other'));
};

await test('farthing check shows the certificate and says what is wrong with a pair', () => {
    const good = farthing('check', '-c', conf);
    assert.equal(good.status, 0, good.all);
    assert.match(good.out, /listens on https:\/\/127\.0\.0\.1/);
    assert.match(good.out, /certificate: localhost, 127\.0\.0\.1 \(EC P-256\), valid until .* 824 days/);
    assert.match(good.out, /client TLS/);
    const cases = [
        [config().replace(/tls_key.*\n/, ''), /tls_cert: needs its key/],
        [config().replace(/tls_.*\ntls_.*\n/, ''), /listen: https:\/\/ needs tls_cert and tls_key/],
        [config().replace('listen = https://127.0.0.1:0\n', ''), /no listener speaks TLS/],
        [config().replace(`tls_key = ${key}`, `tls_key = ${at('nowhere')}`), /nowhere cannot be read/],
        [config().replace(`tls_key = ${key}`, `tls_key = ${crt}`), /are tls_cert and tls_key exchanged/],
        [config().replace('https://127', 'https://8.8.8.8'), /is no address/],
        [config().replace('https://127.0.0.1:0', 'https://8.8.8.8:1'), /open to the internet/],
    ];
    for (const [text, pattern] of cases) {
        const bad = checked(text);
        assert.equal(bad.status, 2, bad.all);
        assert.match(bad.all, pattern);
    }
});

await test("the README's listeners", () => {
    const readme = fs.readFileSync(process.argv[3], 'utf8');
    const text = /### TLS for clients\n\n((?: {4}.*\n)+)/.exec(readme)[1].replace(/^ {4}/gm, '')
        .replace(/tls_cert = .*/, `tls_cert = ${crt}`).replace(/tls_key = .*/, `tls_key = ${key}`);
    const good = checked(text + config().replace(/^\[server\]\n(.*\n)*?(?=\[ledger)/, ''));
    assert.equal(good.status, 0, good.all);
    assert.match(good.out, /http:\/\/127\.0\.0\.1:8080\nlistens on https:\/\/192\.168\.1\.1:8443/);
});

const gateway = await startFarthing(binary, ['serve', '-c', conf]);
const port = Number((await gateway.says(/listening on https:\/\/127\.0\.0\.1:(\d+)/))[1]);
const url = `https://localhost:${port}`;
const curl = (args, more = ['--cacert', crt]) => run('curl', ['-s', '-m', '20', ...more, ...args]);
const ask = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] });
const s_client = (...args) =>
    run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', crt, ...args]).all;
const metric = async (name) => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    return Number(new RegExp(`^farthing_${name.replace(/[{}]/g, '\\$&')} (.*)$`, 'm').exec(text)?.[1]);
};

await test('curl: an answer, a stream, a large body, the status page', async () => {
    assert.match(curl([`${url}/v1/chat/completions`, '-d', ask]).out, /stand-in for a vendor/);
    assert.match(curl(['-N', `${url}/v1/chat/completions`, '-d', ask.replace('{', '{"stream":true,')]).out,
        /data: \[DONE\]/);
    fs.writeFileSync(at('big'), JSON.stringify({ model: 'm',
        messages: [{ role: 'user', content: 'word '.repeat(60000) }] }));
    assert.equal(curl(['-o', at('out'), '-w', '%{http_code}', `${url}/v1/chat/completions`,
        '-d', `@${at('big')}`]).out, '200');
    assert.match(curl([url]).out, /<html|farthing/);
    assert.match(curl([`${url}/readyz`]).out, /ready/);
    assert.equal(curl([`${url}/healthz`], []).status, 60); // nobody else vouches for it
    await gateway.says(/client 127\.0\.0\.1: it does not trust the certificate/);
    fs.writeFileSync(at('huge'), Buffer.alloc(8 << 20, 'x'));
    assert.equal(curl(['-o', at('out'), '-w', '%{http_code}', '-H', 'Expect:', `${url}/v1/chat/completions`,
        '-d', `@${at('huge')}`]).out, '413'); // read by the client, though it was still sending
});

await test('the openai client: whole, streaming, and four dozen at once', async () => {
    const child = spawn(process.execPath, ['https-client.mjs', `${url}/v1`],
        { env: { ...process.env, NODE_EXTRA_CA_CERTS: crt } });
    let text = '';
    for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (data) => { text += data; });
    const status = await new Promise((done) => child.on('close', done));
    assert.equal(status, 0, text);
    const said = JSON.parse(text);
    assert.match(said.whole, /stand-in for a vendor/);
    assert.match(said.streamed, /stand-in for a vendor/);
    assert.equal(said.many, 48);
});

await test('node: one connection for many requests', async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: fs.readFileSync(crt) });
    const before = await metric('tls_handshakes_total{outcome="full"}');
    for (let i = 0; i < 20; i++) {
        const status = await new Promise((done, fail) => https.get(`${url}/healthz`, { agent },
            (response) => { response.resume(); response.on('end', () => done(response.statusCode)); })
            .on('error', fail));
        assert.equal(status, 200);
    }
    agent.destroy();
    assert.equal(await metric('tls_handshakes_total{outcome="full"}'), before + 1);
});

await test('sessions are resumed by their ID', () => {
    const text = s_client('-tls1_2', '-reconnect');
    assert.equal(text.match(/^Reused, TLSv1\.2/gm)?.length, 5, text);
    assert.match(text, /Verify return code: 0 \(ok\)/);
});

await test('ALPN, suites, versions: what is not spoken gets a clear alert', async () => {
    assert.match(s_client('-alpn', 'h2,http/1.1'), /ALPN protocol: http\/1\.1/);
    assert.match(s_client('-alpn', 'h2'), /No ALPN negotiated/);
    for (const suite of ['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'])
        assert.match(s_client('-tls1_2', '-cipher', suite), new RegExp(`Cipher is ${suite}`));
    for (const suite of ['AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA', 'ECDHE-RSA-AES128-GCM-SHA256'])
        assert.match(s_client('-tls1_2', '-cipher', suite), /alert handshake failure/);
    assert.match(s_client('-tls1_3'), /alert protocol version/);
    assert.match(s_client('-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'), /alert protocol version/);
    await gateway.says(/client 127\.0\.0\.1: it accepts TLS 1\.3 only/);
    await gateway.says(/client 127\.0\.0\.1: it speaks no TLS newer than 1\.1/);
    await gateway.says(/client 127\.0\.0\.1: it has no cipher suite in common/);
    assert.ok(await metric('tls_handshakes_total{outcome="failed"}') >= 5);
});

await test('http on the https port gets a sentence, https on the http port a line in the log', async () => {
    const plain = curl(['-i', `http://127.0.0.1:${port}/v1/models`], []);
    assert.match(plain.out, /^HTTP\/1\.1 400 /);
    assert.match(plain.out, /This port speaks https/);
    await gateway.says(/it spoke http to an https listener/);
    assert.equal(curl([`https://127.0.0.1:${gateway.port}/`]).status, 35);
    await gateway.says(/it spoke TLS to a plain listener/);
});

await test('SIGHUP: another certificate for who comes, the old connections live on, a bad pair is told', async () => {
    const stream = spawn('curl', ['-sN', '--cacert', crt, `${url}/v1/chat/completions`,
        '-d', ask.replace('"m"', '"slow","stream":true')]);
    let text = '';
    stream.stdout.on('data', (data) => { text += data; });
    await until('the stream', () => text.includes('data: '));
    const shown = () => run('sh', ['-c', `openssl s_client -connect 127.0.0.1:${port} </dev/null 2>/dev/null |
        openssl x509 -noout -subject -fingerprint`]).out;
    const first = shown();
    assert.equal(run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', crt,
        '-days', '10', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']).status, 0);
    gateway.child.kill('SIGHUP');
    await gateway.says(/the new certificate is in use: localhost \(RSA 2048\).*expires soon/);
    assert.notEqual(shown(), first);
    assert.match(curl([`${url}/v1/chat/completions`, '-d', ask]).out, /stand-in for a vendor/);
    assert.match(s_client('-tls1_2'), /Cipher is ECDHE-RSA-/);
    const second = shown();
    fs.writeFileSync(key, 'no key\n');
    gateway.child.kill('SIGHUP');
    await gateway.says(/tls_key: .*holds no private key in PEM form/);
    assert.equal(shown(), second);
    await until('the end of the stream', () => stream.exitCode !== null);
    assert.equal(stream.exitCode, 0);
    assert.match(text, /data: \[DONE\]/);
});

await test('two places for TLS: a dozen clients have their turns, and the plain listener does not care', async () => {
    fs.writeFileSync(at('small'), config('tls_connections = 2\n').replace(crt, at('small.crt')).replace(key, at('small.key'))
        .replace(at('ledger'), at('small.ledger')));
    assert.equal(run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-nodes',
        '-keyout', at('small.key'), '-out', at('small.crt'), '-days', '100', '-subj', '/CN=localhost',
        '-addext', 'subjectAltName=DNS:localhost']).status, 0);
    const small = await startFarthing(binary, ['serve', '-c', at('small')]);
    const there = (await small.says(/listening on https:\/\/127\.0\.0\.1:(\d+)/))[1];
    const codes = await Promise.all(Array.from({ length: 12 }, () => new Promise((done) => {
        const child = spawn('curl', ['-s', '-m', '20', '--cacert', at('small.crt'), '-o', '/dev/null', '-w', '%{http_code}',
            `https://localhost:${there}/v1/chat/completions`, '-d', ask]);
        let text = '';
        child.stdout.on('data', (data) => { text += data; });
        child.on('close', () => done(text));
    })));
    assert.deepEqual(codes, Array.from({ length: 12 }, () => '200'));
    assert.equal((await fetch(`${small.url}/healthz`)).status, 200);
    assert.equal(await small.stop(), 0);
});

await test('an orderly end', async () => {
    assert.equal(await gateway.stop(), 0);
});

finish();
