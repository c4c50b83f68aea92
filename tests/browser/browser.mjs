// The dashboard in a real browser, clicked through: browser.mjs BINARY WORK_FOLDER
// With the real gateway (empty, some calls, a ledger of 20,000 lines), and with a server that lies about names and goes away.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { finish, startFarthing, test, until } from './harness.mjs';
import { Chrome } from './chrome.mjs';

const [binary, work] = process.argv.slice(2);
const chrome = await Chrome.start();
const ledger = path.join(work, 'browser.ledger');
const text = (page, selector) => page.eval(`document.querySelector(${JSON.stringify(selector)}).textContent`);
const live = (page) => page.until(`document.querySelector('#link-text').textContent === 'live'`);
const summary = async (url, query = '') => (await fetch(`${url}/api/summary${query}`)).json();

async function openPage(url, width = 1440, height = 900, dark = false) {
    const page = await chrome.open();
    await page.size(width, height, dark);
    await page.go(url);
    await live(page);
    return page;
}

function inOrder(page, origin) {
    assert.deepEqual(page.complaints, []);
    assert.deepEqual(page.requests.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith('data:')), []);
}

const noOverflow = async (page) =>
    assert.equal(await page.eval('document.documentElement.scrollWidth > document.documentElement.clientWidth'), false, 'wider than the screen');

const ask = (url, model, content, stream = false) => fetch(`${url}/v1/chat/completions`, { method: 'POST',
    headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ model, stream, messages: [{ role: 'user', content }] }) }).then((r) => r.text());

async function demo() {
    return startFarthing(binary, ['demo', '--listen', '127.0.0.1:0', '--ledger', ledger]);
}

/* ---- a gateway that has seen nothing ---- */

await test('browser: an empty gateway says what to do', async () => {
    fs.rmSync(ledger, { force: true });
    const gateway = await demo();
    const page = await openPage(gateway.url);
    assert.match(await text(page, '#tail'), /curl http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions/);
    assert.match(await text(page, '#readout'), /No calls in this range/);
    assert.match(await text(page, '#speed'), /No call since the start/);
    await noOverflow(page);
    inOrder(page, gateway.url);
    // A call arrives by itself.
    await ask(gateway.url, 'standin-small', 'Hello');
    await page.until(`document.querySelectorAll('#tail tbody tr').length === 1 && document.querySelector('#tail').textContent.includes('standin-small')`);
    await page.close();
    assert.equal(await gateway.stop(), 0, 'a watcher must not hold the stop up');
});

/* ---- one that has worked ---- */

const gateway = await demo();
for (let i = 0; i < 6; i++) await ask(gateway.url, i % 2 ? 'standin-large' : 'auto', `Question ${i}`, i % 3 === 0);
await ask(gateway.url, 'standin-large', 'Question 1');

await test('browser: the page shows the document', async () => {
    const page = await openPage(gateway.url);
    const doc = await summary(gateway.url);
    assert.equal(doc.totals.today.calls, 8);
    const first = doc.series.groups[0];
    assert.match(await text(page, '#sum'), /8 calls/);
    await page.until(`document.querySelectorAll('#legend li').length === ${doc.series.groups.length}`);
    assert.ok((await text(page, '#legend')).includes(`${first.name}:`));
    const bars = doc.series.groups.reduce((n, group) => n + group.cost.filter((v) => v > 0).length, 0);
    assert.equal(await page.eval(`document.querySelectorAll('#plot rect.value').length`), bars);
    assert.equal(await page.eval(`document.querySelectorAll('#plot .slot').length`), 48);
    assert.equal(await page.eval(`document.querySelectorAll('#tail tbody tr').length`), doc.tail.length);
    assert.match(await text(page, '#saved'), /cache/);
    assert.match(await text(page, '#up'), /standin.*up/);
    assert.match(await text(page, '#speed'), /First byte/);
    assert.equal(await page.eval(`document.querySelectorAll('#mem tbody tr').length`), doc.memory.parts.length);
    inOrder(page, gateway.url);
    await page.close();
});

await test('browser: every switch, by mouse', async () => {
    const page = await openPage(gateway.url);
    for (const [name, value, check] of [
        ['what', 'calls', `document.querySelector('#plot').getAttribute('aria-label').startsWith('Plot of requests')`],
        ['what', 'tokens', `document.querySelector('#plot').getAttribute('aria-label').startsWith('Plot of tokens')`],
        ['what', 'saved', `document.querySelector('#plot').getAttribute('aria-label').startsWith('Plot of saved')`],
        ['range', 'hour', `document.querySelectorAll('#plot .slot').length === 60`],
        ['range', 'month', `document.querySelectorAll('#plot .slot').length === 31`],
        ['by', 'workload', `document.querySelector('#legend').textContent.includes('chat')`],
        ['by', 'key', `document.querySelector('#legend').textContent.startsWith('-:')`],
        ['by', 'route', `document.querySelector('#legend').textContent.includes('auto')`],
    ]) {
        await page.click(`input[name=${name}][value=${value}]`);
        await page.until(check);
    }
    assert.equal(await page.eval('location.hash'), '#saved,month,route');
    await page.click('summary');
    await page.until(`document.querySelectorAll('#plot-table tbody tr').length > 0`);
    // The choice is kept in the address.
    await page.send('Page.reload', {});
    await page.until(`document.querySelector('input[name=range][value=month]')?.checked && document.querySelectorAll('#plot .slot').length === 31`);
    inOrder(page, gateway.url);
    await page.close();
});

await test('browser: by keyboard alone', async () => {
    const page = await openPage(gateway.url);
    const focused = () => page.eval(`(() => { const e = document.activeElement; return e.id || e.name || e.className || e.tagName; })()`);
    const order = [];
    for (let i = 0; i < 12; i++) {
        await page.key('Tab', 'Tab', 9);
        order.push(await focused());
    }
    assert.deepEqual(order.slice(0, 5), ['skip', 'what', 'range', 'by', 'plot']);
    assert.ok(order.includes('pause'));
    await page.eval(`document.querySelector('input[name=what]:checked').focus()`);
    await page.key('ArrowRight', 'ArrowRight', 39);
    await page.until(`document.querySelector('input[name=what]:checked').value === 'saved'`);
    await page.eval(`document.querySelector('#plot').focus()`);
    await page.key('ArrowLeft', 'ArrowLeft', 37);
    await page.until(`document.querySelectorAll('#plot .slot.on').length === 1`);
    assert.match(await text(page, '#readout'), /: /);
    await page.key('Escape', 'Escape', 27);
    await page.until(`document.querySelectorAll('#plot .slot.on').length === 0`);
    await page.eval(`document.querySelector('#pause').focus()`);
    await page.key(' ', 'Space', 32, ' ');
    assert.equal(await page.eval(`document.querySelector('#pause').getAttribute('aria-pressed')`), 'true');
    const rows = await page.eval(`document.querySelectorAll('#tail tbody tr').length`);
    await ask(gateway.url, 'standin-small', `Paused ${Date.now()}`);
    const calls = (await summary(gateway.url)).totals.today.calls;
    await page.until(`document.querySelector('#sum').textContent.includes('${calls} calls')`);
    assert.equal(await page.eval(`document.querySelectorAll('#tail tbody tr').length`), rows, 'a paused list moves');
    await page.key(' ', 'Space', 32, ' ');
    await page.until(`document.querySelectorAll('#tail tbody tr').length === ${rows + 1}`);
    inOrder(page, gateway.url);
    await page.close();
});

await test('browser: what a screen reader is given', async () => {
    const page = await openPage(gateway.url);
    const spoken = await page.spoken();
    const named = (role) => spoken.filter((n) => n.role === role).map((n) => n.name.trim());
    assert.deepEqual(named('heading').slice(0, 3), ['farthing', 'At a glance', 'Over time']);
    for (const [role, count] of [['radio', 11], ['banner', 1], ['main', 1], ['contentinfo', 1], ['button', 1]])
        assert.equal(named(role).length, count, `${role}: ${named(role)}`);
    for (const role of ['radio', 'button', 'link', 'region', 'table', 'columnheader', 'group'])
        for (const name of named(role)) assert.ok(name !== '' || role === 'table', `a ${role} without a name`);
    await page.close();
});

await test('browser: phone and desktop, light and dark', async () => {
    for (const [width, height] of [[360, 740], [390, 844], [768, 1024], [1440, 900]])
        for (const dark of [false, true]) {
            const page = await openPage(gateway.url, width, height, dark);
            await noOverflow(page);
            // Text stands out from what is behind it: 4.5 to 1 (WCAG 2.2, 1.4.3).
            const poor = await page.eval(`(() => {
                const light = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
                const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$/.test(c) && c !== 'transparent') return c; } return 'rgb(255,255,255)'; };
                return [...document.querySelectorAll('main *, header *, footer *')].filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) && !(e instanceof SVGElement)
                    && !e.closest('[aria-hidden=true]') && e.checkVisibility())
                    .map((e) => { const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x); return [(a + 0.05) / (b + 0.05), e.tagName + ' ' + e.textContent.slice(0, 20)]; })
                    .filter(([ratio]) => ratio < 4.5).map(([ratio, what]) => ratio.toFixed(2) + ' ' + what);
            })()`);
            assert.deepEqual(poor, []);
            await page.close();
        }
});
await gateway.stop();

/* ---- a long ledger ---- */

await test('browser: twenty thousand lines', async () => {
    const lines = fs.readFileSync(ledger, 'utf8').split('\n');
    const table = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0; });
    const crc = (s) => { let c = 0xffffffff; for (const byte of Buffer.from(s)) c = table[(c ^ byte) & 255] ^ (c >>> 8); return ((c ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0'); };
    const start = Date.now() - 20 * 86400e3;
    const out = lines.slice(0, 2);
    for (let i = 0; i < 20000; i++) {
        const columns = [new Date(start + i * 86400).toISOString(), `fg-${String(i).padStart(16, '0')}`, `key${i % 12}`, 'auto', ['chat', 'code', 'translation'][i % 3],
            'auto', `model-${i % 11}`, '0', String(i % 900), '0', String(i % 300), '0', '0.000100000000', '0.000300000000', '200', '120', '40', 'routed', '-', ''].join('\t');
        out.push(columns + crc(columns));
    }
    fs.writeFileSync(ledger, `${out.join('\n')}\n`);
    const long = await demo();
    const page = await openPage(`${long.url}/#cost,month,key`);
    await page.until(`!document.querySelector('#notices').textContent.includes('being read')`);
    const doc = await until('the whole ledger', async () => { const d = await summary(long.url, '?range=month&by=key'); return d.reading.done && d; });
    assert.equal(doc.totals.all.calls, 20000);
    assert.ok(Math.abs(doc.totals.all.cost - 2) < 1e-9);
    await page.until(`document.querySelectorAll('#legend li').length === 8`);
    assert.match(await text(page, '#legend'), /\(others\)/);
    assert.equal(await page.eval(`document.querySelectorAll('#tail tbody tr').length`), 20);
    await noOverflow(page);
    await page.close();
    await long.stop();
});

/* ---- a server that lies, and goes away ---- */

const real = await demo();
const document = await until('the whole ledger', async () => { const d = await summary(real.url); return d.reading.done && d; });
const html = await (await fetch(real.url)).text();
const policy = (await fetch(real.url)).headers.get('content-security-policy');
await real.stop();

const hostile = '<img src=x onerror="document.title=\'owned\'">';
function lie(doc) {
    const line = { ...doc.tail[0], asked: hostile, used: hostile, route: hostile, workload: hostile, tags: [hostile], label: hostile, key: hostile };
    return { ...doc, tail: [line], savings: [{ by: hostile, calls: 1, saved: 1 }],
        budgets: [{ name: hostile, of: 'all', subject: hostile, per: 'day', limit: 2, spent: 2, held: 0, left: 0, resets: '2026-12-01T00:00:00.000Z', projected: 2.5, warns: true, exceeded: true }],
        tiers: [{ route: hostile, tier: 1, model: hostile, asked: 4, passed: 3 }],
        upstreams: [{ ...doc.upstreams[0], name: hostile, state: 'down', last_failure: hostile, last_failure_time: doc.time }],
        series: { ...doc.series, groups: [{ ...doc.series.groups[0], name: hostile }] },
        demo_progress: { done: 3, of: 10, step: hostile }, reading: { done: false, percent: 40 },
        state: { ...doc.state, ready: false, offline: true, ledger_writable: false }, ledger: { ...doc.ledger, path: hostile, lines_lost: 3 } };
}

await test('browser: names from requests stay text, and troubles are told', async () => {
    const streams = new Set();
    const serve = () => http.createServer((request, response) => {
        if (request.url === '/') return response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': policy }).end(html);
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write(`event: summary\ndata: ${JSON.stringify(lie(document))}\n\n`);
        streams.add(response);
    });
    let server = serve();
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address();
    const origin = `http://127.0.0.1:${port}`;
    const page = await openPage(origin, 390, 844);
    for (const id of ['#tail', '#saved', '#budgets', '#tiers', '#up', '#legend', '#notices', '#foot'])
        assert.ok((await text(page, id)).includes('<img src=x'), `${id} does not show it`);
    assert.equal(await page.eval(`document.images.length`), 0);
    assert.equal(await page.eval(`document.title`), 'farthing');
    const notices = await text(page, '#notices');
    for (const part of [/Demo: /, /3 of 10/, /being read: 40 %/, /Offline/, /cannot be written/, /is used up/]) assert.match(notices, part);
    await noOverflow(page);
    inOrder(page, origin);
    // It goes away and comes back: the page says so, and takes the line up again.
    const stop = () => new Promise((done) => { server.close(done); for (const s of streams) s.destroy(); streams.clear(); server.closeAllConnections(); });
    await stop();
    await page.until(`document.querySelector('#link-text').textContent.startsWith('no connection, the figures are from')`);
    server = serve();
    await new Promise((done) => server.listen(port, '127.0.0.1', done));
    await live(page);
    await page.close();
    await stop();
});

await chrome.stop();
finish();
