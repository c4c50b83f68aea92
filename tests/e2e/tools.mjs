// The owner's tools beside a running gateway: tail, syslog, simulate, promtool. Loopback only.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { finish, start, startFarthing, test, until } from './harness.mjs';

const binary = process.argv[2];
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'farthing-tools-'));
const ledger = path.join(work, 'ledger');
const file = (name, text) => { const name_ = path.join(work, name); fs.writeFileSync(name_, text); return name_; };
const config = (more = '', keep = '') => `[server]\nlisten = 127.0.0.1:0\n[ledger]\npath = ${ledger}\nsync = each\n${keep}${more}
[cache]\nttl = 1h\n[upstream s]\ndialect = standin\n[model small]\nupstream = s\nid = standin-small\ninput = 0.1\noutput = 0.4
[model large]\nupstream = s\nid = standin-large\ninput = 2.5\noutput = 10\n[route auto]\nmodel = auto\ntiers = small@0.8, large\n`;
const ask = async (gateway, model, content) => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages: [{ role: 'user', content }] }) });
    assert.equal(response.status, 200);
    return response.text();
};

await test('tail waits for a ledger, follows it, and goes on in the next file', async () => {
    const tail = start(binary, ['tail', ledger], { env: { ...process.env, NO_COLOR: '1' } });
    await tail.says(/waiting for it/);
    const gateway = await startFarthing(binary, ['serve', '-c', file('tail.conf', config('', 'max_size = 64K\n'))]);
    await ask(gateway, 'small', 'the first one');
    await tail.says(/200 {2}small/);
    // Enough for a rotation: 64 KB of lines.
    for (let i = 0; !fs.existsSync(`${ledger}.1`); i++) {
        assert.ok(i < 1000);
        await Promise.all(Array.from({ length: 8 }, (_, k) => ask(gateway, 'large', `number ${i} ${k}`)));
    }
    await ask(gateway, 'auto', 'the one behind');
    await tail.says(/auto > small/);
    await gateway.stop();
    const rows = () => tail.log.split('\n').filter((line) => / 200 {2}/.test(line)).length;
    const lines = [ledger, `${ledger}.1`].flatMap((name) => fs.readFileSync(name, 'utf8').split('\n').slice(2, -1)).length;
    await until('every line', () => rows() === lines);
    tail.child.kill('SIGKILL');
});

await test('simulate: the configuration that served costs the same, to the last decimal', async () => {
    const same = JSON.parse(execFileSync(binary, ['simulate', '--from', ledger, '-c', path.join(work, 'tail.conf'), '--json'], { encoding: 'utf8' }));
    assert.ok(same.before.calls > 100);
    assert.deepEqual(same.after, same.before);
    assert.equal(same.unplaced, 0);
    const cheap = JSON.parse(execFileSync(binary, ['simulate', '--from', ledger, '-c', file('cheap.conf', `${config()}[route all]\ntiers = small\n`), '--json'], { encoding: 'utf8' }));
    assert.ok(cheap.after.cost < same.before.cost / 10, `${cheap.after.cost}`);
    assert.equal(cheap.after.baseline, same.before.baseline);
});

const RFC5424 = /^<134>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [!-~]+ farthing \d+ ledger - (.*)$/;
await test('syslog: each line, over UDP', async () => {
    const server = dgram.createSocket('udp4');
    const got = [];
    server.on('message', (data) => got.push(data.toString()));
    await new Promise((done) => server.bind(0, '127.0.0.1', done));
    fs.rmSync(ledger);
    const gateway = await startFarthing(binary, ['serve', '-c', file('syslog.conf', config(`syslog = udp://127.0.0.1:${server.address().port}\n`))]);
    for (let i = 0; i < 5; i++) await ask(gateway, 'small', `question ${i}`);
    await until('five datagrams', () => got.length === 5);
    assert.match(await (await fetch(`${gateway.url}/metrics`)).text(), /^farthing_syslog_sent_total 5$/m);
    await gateway.stop();
    const lines = fs.readFileSync(ledger, 'utf8').split('\n').slice(2, -1);
    assert.deepEqual(got.map((text) => RFC5424.exec(text)[1]), lines);
    server.close();
});

await test('syslog: a unix socket that comes late, goes and comes back', async () => {
    const socket = path.join(work, 'log');
    fs.rmSync(ledger);
    const gateway = await startFarthing(binary, ['serve', '-c', file('unix.conf', config(`syslog = unix:${socket}\n`))]);
    await ask(gateway, 'small', 'nobody hears this');
    await gateway.says(/syslog: lines cannot be sent: /);
    // Node has no datagram sockets of this kind: socat or python would; a tiny C program is not at hand either.
    const listener = spawnSync('python3', ['-c', 'import socket'], { stdio: 'ignore' }).status === 0
        ? start('python3', ['-u', '-c', `import socket\ns = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\ns.bind(${JSON.stringify(socket)})\nprint('bound')\nwhile True: print(s.recv(65536).decode())`]) : null;
    if (listener !== null) {
        await listener.says(/bound/);
        await until('a line', async () => { await ask(gateway, 'small', `heard ${Date.now()}`); return /farthing \d+ ledger - /.test(listener.log); });
        await gateway.says(/syslog: lines are sent again/);
        await listener.stop('SIGKILL');
    }
    else console.log('skipped: python3 is not here to listen on a unix socket');
    await ask(gateway, 'small', 'and it still answers');
    assert.equal(await gateway.stop(), 0);
});

await test('promtool reads the metrics', async () => {
    fs.rmSync(ledger);
    const gateway = await startFarthing(binary, ['serve', '-c', file('metrics.conf', `${config()}[budget day]\nper = day\nlimit = 1\n`)]);
    for (const model of ['auto', 'small', 'large', 'small']) await ask(gateway, model, 'Hello');
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    const said = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    assert.equal(said.status, 0, said.stderr + said.stdout);
    assert.equal(said.stderr.trim(), '');
    await gateway.stop();
});

const statusOf = (gateway) => fs.readFileSync(`/proc/${gateway.child.pid}/status`, 'utf8');
// A sanitizer makes calls of its own: no filter is installed under it.
if (binary.includes('sanitize')) console.log('skipped: no sandbox under a sanitizer');
else await test('the sandbox holds, and everything works inside it', async () => {
    fs.rmSync(ledger, { force: true });
    const gateway = await startFarthing(binary, ['serve', '-c', file('sandbox.conf', config('', 'max_size = 64K\n'))]);
    assert.match(gateway.log, /sandbox: seccomp/);
    assert.match(statusOf(gateway), /^NoNewPrivs:\t1$/m);
    assert.match(statusOf(gateway), /^Seccomp:\t2$/m);
    for (let i = 0; !fs.existsSync(`${ledger}.1`); i++) await Promise.all(Array.from({ length: 8 }, (_, k) => ask(gateway, 'small', `rotates ${i} ${k}`)));
    gateway.child.kill('SIGHUP');
    await gateway.says(/reload: the new configuration is in use/);
    gateway.child.kill('SIGUSR1');
    await gateway.says(/client conns/);
    assert.equal(await gateway.stop(), 0);
    const off = await startFarthing(binary, ['serve', '-c', file('open.conf', config().replace('[ledger]', 'sandbox = no\n[ledger]'))]);
    assert.match(off.log, /sandbox: off/);
    assert.match(statusOf(off), /^Seccomp:\t0$/m);
    await off.stop();
});

if (process.getuid() === 0) {
    await test('root becomes the user, who writes where it may', async () => {
        const state = path.join(work, 'state');
        fs.mkdirSync(state, { mode: 0o750 });
        fs.chmodSync(work, 0o755);
        const text = config().replace(ledger, path.join(state, 'ledger')).replace('[ledger]', 'user = 65534:65534\n[ledger]');
        const denied = start(binary, ['serve', '-c', file('denied.conf', text)]);
        await until('its end', () => denied.status !== undefined);
        assert.equal(denied.status, 1);
        assert.match(denied.log, /may not write in .*: chown -R 65534/);
        assert.match(denied.log, /cannot be opened for writing: Permission denied/);
        fs.chownSync(state, 65534, 65534);
        const gateway = await startFarthing(binary, ['serve', '-c', file('user.conf', text)]);
        assert.match(statusOf(gateway), /^Uid:\t65534\t65534\t65534\t65534$/m);
        assert.match(statusOf(gateway), /^Gid:\t65534\t65534\t65534\t65534$/m);
        assert.match(statusOf(gateway), /^Groups:\t65534 ?$/m);
        assert.match(statusOf(gateway), /^CapEff:\t0+$/m);
        await ask(gateway, 'small', 'Hello');
        assert.equal(fs.statSync(path.join(state, 'ledger')).uid, 65534);
        await gateway.stop();
        const nobody = start(binary, ['serve', '-c', file('nobody.conf', text.replace('65534:65534', 'not-there'))]);
        await until('its end', () => nobody.status !== undefined);
        assert.match(nobody.log, /there is no such user or group: not-there/);
    });
} else console.log('skipped: not root, so nobody else can be become');

// A board boots faster than its network: addresses, name servers and files of others come later.
const port = await new Promise((resolve) => { const probe = net.createServer().listen(0, '127.0.0.1', () => { const p = probe.address().port; probe.close(() => resolve(p)); }); });
const early = (user = '') => config().replace('listen = 127.0.0.1:0', `listen = 127.0.0.1:0\nlisten = 10.255.77.1:${port}\nlisten = [fd77::77]:${port}\n${user}`);
await test('it listens on addresses that the machine does not have yet', async () => {
    const state = path.join(work, 'early');
    fs.mkdirSync(state, { mode: 0o750 });
    const asRoot = process.getuid() === 0;
    if (asRoot) fs.chownSync(state, 65534, 65534);
    const text = early(asRoot ? 'user = 65534:65534\n' : '').replace(ledger, path.join(state, 'ledger'));
    const gateway = await startFarthing(binary, ['serve', '-c', file('early.conf', text)]);
    await gateway.says(/listening on http:\/\/10\.255\.77\.1:/);
    await gateway.says(/listening on http:\/\/\[fd77::77\]:/);
    await ask(gateway, 'small', 'Hello');
    assert.equal(await gateway.stop(), 0);
});

const https = (ca) => config().replace('[ledger]', `ca = ${ca}\n[ledger]`).replace('dialect = standin', 'url = https://vendor.invalid\ndialect = openai').replace(/ = standin-/g, ' = ');
await test('no CA bundle: an error that says what to install, and nothing starts', async () => {
    const text = https('/nonexistent/ca.pem');
    const checked = spawnSync(binary, ['check', '-c', file('no-ca.conf', text)], { encoding: 'utf8' });
    assert.notEqual(checked.status, 0);
    assert.match(checked.stderr, /no CA bundle can be read \(tried \/nonexistent\/ca\.pem\): install ca-certificates/);
    const served = start(binary, ['serve', '-c', file('no-ca.conf', text)]);
    await until('its end', () => served.status !== undefined);
    assert.equal(served.status, 2);
    assert.match(served.log, /no CA bundle can be read/);
});

const noEtc = ['-m', 'sh', '-c', 'mount -t tmpfs none /etc && exec "$@"', 'sh'];
if (process.getuid() === 0 && spawnSync('unshare', [...noEtc, 'true']).status === 0) {
    await test('no resolv.conf, no hosts, no users: it serves, and says why names are not found', async () => {
        const ca = path.join(work, 'ca.pem');
        execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${ca}.key`,
            '-out', ca, '-days', '30', '-subj', '/CN=farthing test'], { stdio: 'ignore' });
        const gateway = await startFarthing('unshare', [...noEtc, binary, 'serve', '-c', file('no-etc.conf', https(ca))]);
        const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'Hello' }] }) });
        assert.equal(response.status, 502);
        assert.match((await response.json()).error.message, /no name server answered; check the WAN and the name servers in \/etc\/resolv\.conf/);
        assert.equal((await fetch(`${gateway.url}/healthz`)).status, 200);
        assert.equal(await gateway.stop(), 0);
    });
} else console.log('skipped: /etc cannot be hidden here');

fs.rmSync(work, { recursive: true, force: true });
finish();
