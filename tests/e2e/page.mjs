// End to end: how the dashboard's page is negotiated - coding, validator, method. Loopback only.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import zlib from 'node:zlib';
import { finish, startFarthing, test } from './harness.mjs';

const ledger = 'page.ledger';
fs.rmSync(ledger, { force: true });
const farthing = await startFarthing(process.argv[2], ['demo', '--listen', '127.0.0.1:0', '--ledger', ledger]);

// Without fetch, which decodes and adds fields of its own. One connection for all: what a body's
// length is wrong by, the next response tells.
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const ask = (headers = {}, method = 'GET') => new Promise((done, failed) => {
    const request = http.request({ host: '127.0.0.1', port: farthing.port, path: '/', method, headers, agent }, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () => done({ status: response.statusCode, fields: response.headers, body: Buffer.concat(parts) }));
    });
    request.on('error', failed);
    request.end();
});
const plain = await ask();
const packed = await ask({ 'accept-encoding': 'gzip' });
const { etag } = plain.fields;

await test('the page comes plain to who says nothing of codings', () => {
    assert.equal(plain.status, 200);
    assert.equal(plain.fields['content-encoding'], undefined);
    assert.equal(Number(plain.fields['content-length']), plain.body.length);
    assert.match(plain.body.toString(), /^<!doctype html>[^]*<\/html>\s*$/i);
});
await test('packed it is the same page, less than half of it, and caches keep both apart', () => {
    assert.equal(packed.status, 200);
    assert.equal(packed.fields['content-encoding'], 'gzip');
    assert.equal(Number(packed.fields['content-length']), packed.body.length);
    assert.deepEqual(zlib.gunzipSync(packed.body), plain.body);
    assert.ok(packed.body.length * 2 < plain.body.length);
    for (const response of [plain, packed]) {
        assert.equal(response.fields.vary, 'Accept-Encoding');
        assert.equal(response.fields['cache-control'], 'no-cache');
    }
});
await test('a coding counts when it is listed with a weight above zero', async () => {
    const is = async (accept, coding) =>
        assert.equal((await ask({ 'accept-encoding': accept })).fields['content-encoding'], coding, accept);
    for (const accept of ['br, GZIP', 'gzip;q=0.5, br', 'deflate , gzip ; q=1']) await is(accept, 'gzip');
    for (const accept of ['br', 'identity', 'gzip;q=0', 'gzip; q=0.0', 'gzip;q=0, br', 'xgzip', ''])
        await is(accept, undefined);
});
await test('who has the page is told that it is the same, in either coding', async () => {
    assert.match(etag, /^W\/"[^"]+"$/);
    assert.equal(packed.fields.etag, etag);
    const opaque = etag.slice(2);
    for (const known of [etag, opaque, `"other", ${etag}`, `${opaque}, W/"other"`, '*'])
        for (const accept of ['identity', 'gzip']) {
            const response = await ask({ 'if-none-match': known, 'accept-encoding': accept });
            assert.equal(response.status, 304, known);
            assert.equal(response.body.length, 0);
            assert.equal(response.fields.etag, etag);
            assert.equal(response.fields.vary, 'Accept-Encoding');
        }
});
await test('who has another is sent it', async () => {
    for (const other of ['W/"other"', etag.slice(2, -2), `${etag.slice(0, -1)}x"`, '""']) {
        const response = await ask({ 'if-none-match': other });
        assert.equal(response.status, 200, other);
        assert.deepEqual(response.body, plain.body);
    }
});
await test('HEAD has the fields of GET, and no body', async () => {
    for (const [headers, like] of [[{}, plain], [{ 'accept-encoding': 'gzip' }, packed]]) {
        const response = await ask(headers, 'HEAD');
        assert.equal(response.status, 200);
        assert.equal(response.body.length, 0);
        for (const name of ['content-length', 'content-encoding', 'etag', 'vary', 'content-type'])
            assert.equal(response.fields[name], like.fields[name], name);
    }
    assert.equal((await ask({ 'if-none-match': etag }, 'HEAD')).status, 304);
});
await test('the gateway stops well', async () => {
    agent.destroy();
    assert.equal(await farthing.stop(), 0);
});
finish();
