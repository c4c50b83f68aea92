// TLS in front of a plain TCP server: one listener for each certificate, with its own faults.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';

function listen(folder, name, port, extra) {
    const options = {
        key: fs.readFileSync(path.join(folder, `${name}.key`)),
        cert: fs.readFileSync(path.join(folder, `${name}.pem`)),
        maxVersion: 'TLSv1.2',
        ...extra,
    };
    const seen = { connections: 0, resumed: 0 };
    const server = tls.createServer(options, (socket) => {
        seen.connections++;
        if (socket.isSessionReused()) seen.resumed++;
        const upstream = net.connect(port, '127.0.0.1');
        socket.pipe(upstream).pipe(socket);
        socket.on('error', () => upstream.destroy());
        upstream.on('error', () => socket.destroy());
        socket.on('close', () => upstream.destroy());
        upstream.on('close', () => socket.destroy());
    });
    // Sessions by id, the only kind that the gateway's TLS can resume.
    const sessions = new Map();
    server.on('newSession', (id, data, done) => { sessions.set(id.toString('hex'), data); done(); });
    server.on('resumeSession', (id, done) => done(null, sessions.get(id.toString('hex')) ?? null));
    server.on('tlsClientError', () => {});
    return new Promise((done) => server.listen(0, '127.0.0.1', () =>
        done({ server, seen, port: server.address().port })));
}

// Listeners by name, all in front of the same port.
export async function startTls(folder, port) {
    const it = {};
    for (const name of ['good', 'elsewhere', 'expired', 'early', 'unknown', 'self'])
        it[name] = await listen(folder, name, port, {});
    it.tls13 = await listen(folder, 'good', port, { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' });
    it.aes = await listen(folder, 'good', port, { ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
    it.close = () => {
        for (const one of Object.values(it)) if (one.server) one.server.close();
    };
    return it;
}
