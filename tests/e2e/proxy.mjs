// Two little proxies, both for `user` with `p@ss`: CONNECT of HTTP, and SOCKS5. `.seen` holds whom they were asked for.
import net from 'node:net';

function through(socket, host, port, seen, hello) {
    seen.push(`${host}:${port}`);
    const far = net.connect(port, host, () => {
        socket.write(hello);
        socket.pipe(far).pipe(socket);
    });
    far.on('error', () => socket.destroy());
    socket.on('close', () => far.destroy());
    far.on('close', () => socket.destroy());
}

function httpTalk(socket, seen) {
    let text = '';
    const listen = (data) => {
        text += data.toString('latin1');
        if (!text.endsWith('\r\n\r\n')) return;
        socket.off('data', listen);
        const [, host, port] = /^CONNECT (\S+):(\d+) HTTP\/1\.1\r\n/.exec(text) ?? [];
        const basic = Buffer.from('user:p@ss').toString('base64');
        if (!text.includes(`\r\nProxy-Authorization: Basic ${basic}\r\n`))
            socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n');
        else through(socket, host, Number(port), seen, 'HTTP/1.1 200 Connection established\r\n\r\n');
    };
    socket.on('data', listen);
}

function socksTalk(socket, seen) {
    let step = 0;
    const listen = (data) => {
        if (step === 0) socket.write(Buffer.from([5, data.includes(2, 2) ? 2 : 0xff]));
        if (step === 1)
            socket.write(Buffer.from([1, data.equals(Buffer.from('\x01\x04user\x04p@ss', 'latin1')) ? 0 : 1]));
        if (step === 2) {
            socket.off('data', listen);
            const length = data[4];
            through(socket, data.toString('latin1', 5, 5 + length), data.readUInt16BE(5 + length), seen,
                Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 1]));
        }
        step++;
    };
    socket.on('data', listen);
}

export async function startProxies() {
    const start = (talk) => new Promise((done) => {
        const seen = [];
        const server = net.createServer((socket) => {
            socket.on('error', () => {});
            talk(socket, seen);
        }).listen(0, '127.0.0.1', () => done({ server, seen, port: server.address().port }));
    });
    return { http: await start(httpTalk), socks: await start(socksTalk) };
}
