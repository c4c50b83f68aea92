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
const empty = path.join(work, 'browser-empty.ledger');
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

const demo = (file = ledger) => startFarthing(binary, ['demo', '--quiet', '--listen', '127.0.0.1:0', '--ledger', file]);
for (const file of [ledger, empty]) fs.rmSync(file, { force: true });

/* ---- a gateway that has seen nothing ---- */

await test('browser: an empty gateway says what to do', async () => {
    const gateway = await demo(empty);
    const page = await openPage(gateway.url);
    assert.match(await text(page, '#tail'), /curl http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions/);
    assert.match(await text(page, '#readout'), /No calls in this range/);
    assert.match(await text(page, '#speed'), /No call since the start/);
    await noOverflow(page);
    inOrder(page, gateway.url);
    // A call arrives by itself.
    await ask(gateway.url, 'standin-small', 'Hello');
    await page.until(`document.querySelectorAll('#tail tbody tr').length === 1 && document.querySelector('#tail').textContent.includes('standin-small')`);
    assert.equal(await gateway.stop(), 0, 'a watcher must not hold the stop up');
    await page.close();
});

await test('browser: the demo plays for who watches, with its progress', async () => {
    const file = path.join(work, 'played.ledger');
    fs.rmSync(file, { force: true });
    const gateway = await startFarthing(binary, ['demo', '--listen', '127.0.0.1:0', '--ledger', file]);
    assert.equal((await summary(gateway.url)).demo_progress, null, 'it plays for nobody');
    const page = await openPage(gateway.url);
    await page.until(`/of 108/.test(document.body.textContent)`);
    await until('its end', async () => /early ends +18 requests/.test(gateway.log));
    const doc = await summary(gateway.url);
    assert.equal(doc.demo_progress, null);
    assert.ok(doc.totals.all.calls >= 108 && doc.totals.all.saved > 0);
    await page.until(`!/of 108/.test(document.body.textContent)`);
    assert.match(gateway.log, /the large model for all +18 requests +\$0\.00\d+ +100 %/);
    await page.close();
    await gateway.stop();
});

/* ---- one that has worked ---- */

const gateway = await demo();
for (let i = 0; i < 6; i++) await ask(gateway.url, i % 2 ? 'standin-large' : 'auto', `Question ${i}`, i % 3 === 0);
await ask(gateway.url, 'standin-large', 'Question 1');

await test('browser: the page shows the document', async () => {
    const page = await openPage(gateway.url);
    const doc = await summary(gateway.url);
    assert.equal(doc.totals.today.calls, 7);
    const first = doc.series.groups[0];
    assert.match(await text(page, '#sum'), /7 calls/);
    await page.until(`document.querySelectorAll('#legend li').length === ${doc.series.groups.length}`);
    assert.ok((await text(page, '#legend')).includes(first.name));
    const bars = doc.series.groups.reduce((n, group) => n + group.cost.filter((v) => v > 0).length, 0);
    assert.equal(await page.eval(`document.querySelectorAll('#plot rect.value').length`), bars);
    assert.equal(await page.eval(`document.querySelectorAll('#plot .slot').length`), 48);
    assert.equal(await page.eval(`document.querySelectorAll('#tail tbody tr').length`), doc.tail.length);
    assert.match(await text(page, '#saved'), /cache/);
    // The figures are the document's: what is read off the page, against its sums.
    const dollars = async (selector) => (await page.eval(`[...document.querySelectorAll(${JSON.stringify(selector)})].map((e) => e.textContent)`)).map((t) => Number(t.replace(/[$,]/g, '').replace('−', '-')));
    const near = (shown, real, what) => assert.ok(Math.abs(shown - real) <= Math.abs(real) * 0.005, `${what}: ${shown} for ${real}`);
    const shown = await dollars('#sum dd:nth-of-type(1)');
    for (const [i, real] of [doc.totals.today.cost, doc.month.spent, doc.totals.month.saved, doc.totals.hour.cost].entries()) near(shown[i], real, `glance ${i}`);
    const legend = await dollars('#legend strong');
    doc.series.groups.forEach((group, k) => near(legend[k], group.cost.reduce((a, b) => a + b, 0), group.name));
    const saved = [...doc.savings].sort((a, b) => b.saved - a.saved);
    (await dollars('#saved .row p:first-child>span:last-child')).forEach((value, k) => near(value, saved[k].saved, saved[k].by));
    const costs = await dollars('#tail tbody td:nth-child(9)');
    doc.tail.forEach((line, k) => near(costs[k], line.cost, `tail ${k}`));
    assert.match(await text(page, '#up'), /standin.*up/);
    assert.match(await text(page, '#speed'), /First byte/);
    assert.equal(await page.eval(`document.querySelectorAll('#mem tbody tr').length`), doc.memory.parts.length);
    inOrder(page, gateway.url);
    await page.close();
});

await test('browser: every switch, by mouse', async () => {
    const page = await openPage(gateway.url);
    const work = (await summary(gateway.url, '?range=month&by=workload')).series.groups[0].name;
    for (const [name, value, check] of [
        ['what', 'calls', `document.querySelector('#plot').getAttribute('aria-label').startsWith('Requests by ')`],
        ['what', 'tokens', `document.querySelector('#plot').getAttribute('aria-label').startsWith('Tokens by ')`],
        ['what', 'saved', `document.querySelector('#plot').getAttribute('aria-label').startsWith('Saved by ')`],
        ['range', 'hour', `document.querySelectorAll('#plot .slot').length === 60`],
        ['range', 'month', `document.querySelectorAll('#plot .slot').length === 31`],
        ['by', 'workload', `document.querySelector('#legend').textContent.includes('${work}')`],
        ['by', 'key', `document.querySelector('#legend').textContent.startsWith('- ')`],
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
    const last = await page.eval(`document.querySelector('#plot').getAttribute('aria-valuetext')`);
    assert.ok(last.startsWith(await text(page, '#readout')), last);
    await page.key('Home', 'Home', 36);
    await page.until(`document.querySelector('#plot .slot').classList.contains('on') && document.querySelector('#plot').getAttribute('aria-valuenow') === '1'`);
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
    for (const [role, count] of [['radio', 11], ['banner', 1], ['main', 1], ['contentinfo', 1], ['button', 1], ['slider', 1]])
        assert.equal(named(role).length, count, `${role}: ${named(role)}`);
    for (const role of ['radio', 'button', 'link', 'region', 'table', 'columnheader', 'group', 'slider'])
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

// A server that says what it is told to whoever watches; .refuse: an answer instead of a stream.
class Liar {
    streams = new Set();
    refuse = false;
    constructor(doc) { this.doc = doc; }
    async listen(port = 0) {
        this.server = http.createServer((request, response) => {
            if (request.url === '/') return response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': policy }).end(html);
            if (request.url.startsWith('/api/summary')) return response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(this.doc));
            if (this.refuse) return response.writeHead(503).end();
            response.writeHead(200, { 'Content-Type': 'text/event-stream' });
            this.streams.add(response);
            response.on('close', () => this.streams.delete(response));
            this.say(this.doc);
        });
        await new Promise((done) => this.server.listen(port, '127.0.0.1', done));
        this.port = this.server.address().port;
        this.origin = `http://127.0.0.1:${this.port}`;
        return this;
    }
    say(doc) {
        this.doc = doc;
        for (const stream of this.streams) stream.write(`event: summary\ndata: ${JSON.stringify(doc)}\n\n`);
    }
    stop() { return new Promise((done) => { this.server.close(done); this.server.closeAllConnections(); }); }
}

await test('browser: names from requests stay text, and troubles are told', async () => {
    const liar = await new Liar(lie(document)).listen();
    const page = await openPage(liar.origin, 390, 844);
    for (const id of ['#tail', '#saved', '#budgets', '#tiers', '#up', '#legend', '#notices', '#progress', '#foot'])
        assert.ok((await text(page, id)).includes('<img src=x'), `${id} does not show it`);
    assert.equal(await page.eval(`document.images.length`), 0);
    assert.equal(await page.eval(`document.title`), 'farthing');
    for (const part of [/Offline/, /cannot be written/, /is used up/]) assert.match(await text(page, '#notices'), part);
    for (const part of [/Demo: /, /3 of 10/, /being read: 40 %/]) assert.match(await text(page, '#progress'), part);
    await noOverflow(page);
    inOrder(page, liar.origin);
    // It goes away and comes back: the page says so, and takes the line up again.
    await liar.stop();
    await page.until(`document.querySelector('#link-text').textContent.startsWith('no connection, the figures are from')`);
    await liar.listen(liar.port);
    await live(page);
    await page.close();
    await liar.stop();
});

await test('browser: an update disturbs nobody', async () => {
    const plain = { ...document, budgets: [{ name: 'house', of: 'all', subject: '-', per: 'day', limit: 2, spent: 1.7, held: 0, left: 0.3, resets: null, projected: null, warns: true, exceeded: false }] };
    const liar = await new Liar(plain).listen();
    const page = await openPage(liar.origin, 390, 844);
    const next = async (change) => {
        const doc = { ...liar.doc, uptime_s: liar.doc.uptime_s + 61, ...change };
        const word = await text(page, '#who');
        liar.say(doc);
        await page.until(`document.querySelector('#who').textContent !== ${JSON.stringify(word)}`);
    };
    // Who stands in the memory map stays there, scrolled as it was.
    await page.eval(`(() => { const box = document.querySelector('#mem').parentElement; box.focus({ preventScroll: true }); box.scrollLeft = 7; window.box = box; })()`);
    await next({});
    assert.equal(await page.eval(`document.activeElement === window.box && window.box.isConnected && window.box.scrollLeft`), 7);
    // What is spoken by itself is not touched by figures that move.
    await page.eval(`(() => { window.spoken = 0; const watch = new MutationObserver((list) => { window.spoken += list.length; });
        for (const e of document.querySelectorAll('[aria-live],[role=alert],[role=status]')) watch.observe(e, { childList: true, characterData: true, subtree: true }); })()`);
    await next({ reading: { done: false, percent: 41 }, demo_progress: { done: 4, of: 10, step: 'x' }, budgets: [{ ...plain.budgets[0], spent: 1.8, left: 0.2 }] });
    assert.match(await text(page, '#progress'), /4 of 10.*41 %/);
    assert.equal(await page.eval('window.spoken'), 0, 'a moving figure is an announcement');
    await next({ state: { ...document.state, ledger_writable: false } });
    assert.ok(await page.eval('window.spoken') > 0, 'a trouble is none');
    // The colour belongs to the name, not to the rank.
    const groups = ['a', 'b'].map((name) => ({ ...document.series.groups[0], name }));
    const color = (name) => page.eval(`[...document.querySelectorAll('#legend li')].find((li) => li.children[1].textContent === '${name}').children[0].style.background`);
    await next({ series: { ...document.series, groups } });
    const before = await color('a');
    await next({ series: { ...document.series, groups: [{ ...groups[0], name: 'new' }, ...groups.reverse()] } });
    assert.equal(await color('a'), before);
    // Pointing at the plot moves nothing.
    const top = `document.querySelector('#h-budgets').getBoundingClientRect().top`;
    await page.eval(`document.querySelector('#plot').scrollIntoView()`);
    const was = await page.eval(top);
    await page.eval(`document.querySelector('#plot .slot:last-of-type').dispatchEvent(new PointerEvent('pointerenter'))`);
    await page.until(`document.querySelectorAll('#plot .slot.on').length === 1`);
    assert.equal(await page.eval(top), was);
    await page.close();
    await liar.stop();
});

await test('browser: counts, days, losses and strange addresses', async () => {
    const start = '2026-11-01T00:00:00.000Z'; // midnight where the gateway is, the evening before where the viewer is
    const days = (...first) => [...first, ...Array(31 - first.length).fill(0)];
    const group = { name: 'g', calls: days(1), tokens: days(), cost: days(), saved: days(0.02, -0.01) };
    const liar = await new Liar({ ...document, range: 'month', series: { step_s: 86400, start, points: 31, groups: [group] } }).listen();
    const page = await chrome.open();
    await page.send('Emulation.setTimezoneOverride', { timezoneId: 'America/New_York' });
    await page.size(520, 900);
    await page.go(`${liar.origin}/#constructor,month,toString`);
    await live(page);
    assert.equal(await page.eval(`document.querySelector('input[name=what]:checked').value`), 'cost');
    await page.eval(`location.hash = '#calls,month,model'`);
    await page.until(`document.querySelector('input[name=what]:checked').value === 'calls' && document.querySelector('#plot').getAttribute('aria-label').startsWith('Requests')`);
    const ticks = () => page.eval(`[...document.querySelectorAll('#plot .tick')].map((t) => t.textContent)`);
    assert.deepEqual(await ticks(), ['0', '1']);
    assert.equal(await page.eval(`document.querySelector('#plot text:not(.tick)').textContent`), 'Nov 1');
    assert.equal(await page.eval(`(() => { const e = document.querySelector('#plot svg'); return e.clientHeight === e.viewBox.baseVal.height && e.clientWidth === e.viewBox.baseVal.width; })()`), true, 'the plot is stretched');
    await page.eval(`location.hash = '#saved'`);
    await page.until(`document.querySelectorAll('#plot rect.value').length === 2`);
    assert.equal((await ticks())[0], '−$0.01');
    assert.match(await text(page, '#readout'), /\$0\.01 in all/);
    inOrder(page, liar.origin);
    await page.close();
    // Who may not watch gets the figures once, and is told why they stand still.
    liar.refuse = true;
    const fifth = await chrome.open();
    await fifth.go(liar.origin);
    await fifth.until(`/^not live: four may watch at a time, the figures are from/.test(document.querySelector('#link-text').textContent)`);
    assert.match(await text(fifth, '#sum'), /Spent today/);
    liar.refuse = false;
    await live(fifth);
    await fifth.close();
    await liar.stop();
});

await test('browser: a line that died unheard is taken up again, and a hidden tab gives its place away', async () => {
    const liar = await new Liar(document).listen();
    const page = await chrome.open();
    // Minutes are a thousandth here; the page's own back-off of a second is left.
    await page.send('Page.addScriptToEvaluateOnNewDocument', { source: `{ const wait = setTimeout; window.setTimeout = (f, ms) => wait(f, ms > 40000 ? ms / 1000 * window.minutes : ms); window.minutes = 1e6; }` });
    await page.go(liar.origin);
    await live(page);
    const [first] = liar.streams;
    await page.eval('window.minutes = 1');
    liar.say({ ...document, uptime_s: 7 });
    await page.until(`document.querySelector('#link-text').textContent.startsWith('no connection, the figures are from')`);
    assert.equal(await text(page, '#as-of'), '');
    await page.eval('window.minutes = 1e6');
    await live(page);
    await until('another stream in the place of the first', () => liar.streams.size === 1 && !liar.streams.has(first));
    const hide = (hidden) => page.eval(`Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))`);
    await page.eval('window.minutes = 1');
    await hide(true);
    await page.until(`document.querySelector('#link-text').textContent === 'asleep while hidden'`);
    await until('the place is free', () => liar.streams.size === 0);
    await page.eval('window.minutes = 1e6');
    await hide(false);
    await live(page);
    assert.equal(liar.streams.size, 1);
    await page.close();
    await liar.stop();
});

await chrome.stop();
finish();
