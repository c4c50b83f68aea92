// Reads an .apk of the older format as apk does: gzip streams that follow each other, a tar that goes through them,
// a checksum in front of every file. Prints "stream N: bytes, sha256" and "MODE OWNER PATH sha1-is-right" lines.
import fs from 'node:fs';
import zlib from 'node:zlib';
import { createHash } from 'node:crypto';

const BLOCK = 512;
const hash = (kind, bytes) => createHash(kind).update(bytes).digest('hex');
const text = (block, from, bytes) => block.toString('latin1', from, from + bytes).replace(/\0.*$/s, '');

let rest = fs.readFileSync(process.argv[2]);
const tars = [];
while (rest.length > 0) {
    // `gzip -n`: a header of 10 bytes without names, 8 bytes of checksum and size behind.
    if (rest.readUInt16BE(0) !== 0x1f8b || rest[3] !== 0) throw new Error('a gzip header with names');
    const { buffer, engine } = zlib.inflateRawSync(rest.subarray(10), { info: true });
    const used = 10 + engine.bytesWritten + 8;
    console.log(`stream ${tars.length + 1}: ${hash('sha256', rest.subarray(0, used))}`);
    tars.push(buffer);
    rest = rest.subarray(used);
}
if (tars.length !== 2) throw new Error(`${tars.length} streams`);
const end = Buffer.alloc(2 * BLOCK);
if (tars[0].subarray(-end.length).equals(end)) throw new Error('the first stream ends the tar');
if (!tars[1].subarray(-end.length).equals(end)) throw new Error('the second stream does not end it');

const tar = Buffer.concat(tars);
let wanted = '';
for (let at = 0; at < tar.length - end.length;) {
    const block = tar.subarray(at, at + BLOCK);
    const sum = block.reduce((n, byte, i) => n + (i >= 148 && i < 156 ? 0x20 : byte), 0);
    if (sum !== parseInt(text(block, 148, 8), 8)) throw new Error(`checksum of the header at ${at}`);
    const bytes = parseInt(text(block, 124, 12), 8);
    const kind = text(block, 156, 1);
    const body = tar.subarray(at + BLOCK, at + BLOCK + bytes);
    at += BLOCK + Math.ceil(bytes / BLOCK) * BLOCK;
    if (kind === 'x') {
        const record = /^(\d+) APK-TOOLS\.checksum\.SHA1=([0-9a-f]{40})\n$/.exec(body.toString('latin1'));
        if (!record || Number(record[1]) !== bytes) throw new Error(`pax record: ${body}`);
        wanted = record[2];
        continue;
    }
    const owner = `${text(block, 265, 32)}/${text(block, 297, 32)}`;
    const right = kind === '5' ? 'folder' : wanted === '' ? 'none' : wanted === hash('sha1', body);
    console.log(`${text(block, 100, 8).slice(-4)} ${owner} ${text(block, 0, 100)} ${right}`);
    wanted = '';
}
