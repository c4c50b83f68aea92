// A small harness: processes with a log, certificates, waiting for conditions, and a count at the end.
import { spawn, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const WAIT_MS = 20000;
let passed = 0;
let failed = 0;
const children = new Set();
// Also after an error outside of a test: nothing is left behind.
process.on('exit', () => { for (const child of children) child.kill('SIGKILL'); });

export async function test(name, run) {
    try {
        await run();
        passed++;
        console.log(`ok   ${name}`);
    } catch (error) {
        failed++;
        console.log(`FAIL ${name}\n${error.stack ?? error}`);
    }
}

export function finish() {
    console.log(`e2e: ${passed} passed, ${failed} failed`);
    process.exit(failed === 0 && passed > 0 ? 0 : 1);
}

export async function until(what, condition, limitMs = WAIT_MS) {
    const end = Date.now() + limitMs;
    for (;;) {
        const value = await condition();
        if (value) return value;
        if (Date.now() > end) throw new Error(`never came: ${what}`);
        await new Promise((done) => setTimeout(done, 10));
    }
}

// A process whose output is kept in .log; .stop() asks it to stop and gives its exit status.
export function start(command, args, options = {}) {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const it = { child, log: '', status: undefined };
    children.add(child);
    for (const pipe of [child.stdout, child.stderr])
        pipe.on('data', (data) => { it.log += data; });
    child.on('exit', (code, signal) => { it.status = code ?? signal; children.delete(child); });
    it.stop = async (signal = 'SIGTERM') => {
        child.kill(signal);
        await until('the end of a process', () => it.status !== undefined);
        return it.status;
    };
    it.says = (pattern) => until(`${pattern} in the log of ${args.join(' ')}`, () => {
        if (it.status !== undefined && !pattern.test(it.log))
            throw new Error(`it ended with ${it.status}:\n${it.log}`);
        return pattern.exec(it.log);
    });
    return it;
}

// Starts a farthing that prints where it listens; .port and .url are set.
export async function startFarthing(binary, args, options) {
    const it = start(binary, args, options);
    const [, url, port] = await it.says(/listening on (http:\/\/[^ ]*?:(\d+))/);
    it.url = url;
    it.port = Number(port);
    return it;
}

function openssl(folder, ...args) {
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}

function makeCa(folder, name) {
    openssl(folder, 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
        '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '30',
        '-subj', `/CN=farthing test ${name}`);
    fs.writeFileSync(path.join(folder, `${name}.cnf`), [
        '[ca]', 'default_ca = d', '[d]', 'new_certs_dir = .', `database = ${name}.db`,
        `serial = ${name}.srl`, 'default_md = sha256', 'policy = p', 'unique_subject = no',
        'copy_extensions = copy', '[p]', 'commonName = supplied', ''].join('\n'));
    fs.writeFileSync(path.join(folder, `${name}.db`), '');
    fs.writeFileSync(path.join(folder, `${name}.srl`), '01\n');
}

function makeLeaf(folder, name, ca, host, from, to) {
    openssl(folder, 'req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`,
        '-out', `${name}.csr`, '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`);
    openssl(folder, 'ca', '-batch', '-config', `${ca}.cnf`, '-cert', `${ca}.pem`,
        '-keyfile', `${ca}.key`, '-in', `${name}.csr`, '-out', `${name}.pem`, '-notext',
        '-startdate', from, '-enddate', to);
}

// Certificates for every case; gives their folder.
export function makeCertificates(folder) {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    const stamp = (days) => new Date(Date.now() + days * 86400e3).toISOString()
        .replace(/[-:T]/g, '').slice(2, 14) + 'Z';
    makeCa(folder, 'ca');
    makeCa(folder, 'strangers');
    makeLeaf(folder, 'good', 'ca', 'localhost', stamp(-2), stamp(20));
    makeLeaf(folder, 'elsewhere', 'ca', 'elsewhere.example', stamp(-2), stamp(20));
    makeLeaf(folder, 'expired', 'ca', 'localhost', stamp(-20), stamp(-2));
    makeLeaf(folder, 'early', 'ca', 'localhost', stamp(5), stamp(20));
    makeLeaf(folder, 'unknown', 'strangers', 'localhost', stamp(-2), stamp(20));
    openssl(folder, 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
        '-nodes', '-keyout', 'self.key', '-out', 'self.pem', '-days', '20',
        '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost');
    return folder;
}
