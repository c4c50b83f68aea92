'use strict';
// The document's shape stands in GET /api/summary (README). Names in it come from requests: they only ever become text.
const $ = (id) => document.getElementById(id);
const SVG = 'http://www.w3.org/2000/svg';
const WHAT = { cost: 'Cost', saved: 'Saved', calls: 'Requests', tokens: 'Tokens' };
const RANGE = { hour: 'Hour', day: '24 hours', month: 'Month' };
const BY = { model: 'Model', route: 'Route', key: 'Key', workload: 'Workload' };
const view = { what: 'cost', range: 'day', by: 'model' };
let doc = null;
let paused = false;
let at = -1;

/* ---- elements ---- */

function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes ?? {}))
        if (value !== null && value !== undefined) node.setAttribute(name, value);
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
}
const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
const put = (id, ...children) => $(id).replaceChildren(...children.filter((child) => child !== null));
// Widths by the style object: a style attribute is what the page's policy forbids.
function bar(share, more, mark) {
    const box = el('div', { class: 'bar', 'aria-hidden': 'true' });
    const piece = (tag, from, width, cls) => {
        const node = el(tag, { class: cls });
        node.style.left = `${from}%`;
        if (tag === 'i') node.style.width = `${width}%`;
        box.append(node);
    };
    const part = (value) => Math.max(0, Math.min(100, value * 100));
    piece('i', 0, part(share));
    if (more > 0) piece('i', part(share), Math.min(part(more), 100 - part(share)), 'more');
    if (mark !== undefined && mark !== null && mark <= 1.0001) piece('b', part(mark) - 0.3);
    return box;
}

/* ---- figures ---- */

function usd(value) {
    const size = Math.abs(value);
    if (size < 5e-13) return '$0'; // what differences of decimals leave behind
    const digits = size >= 1 ? 2 : Math.min(12, 1 - Math.floor(Math.log10(size)) + 1);
    const text = size.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: Math.max(2, digits) });
    return `${value < 0 ? '−' : ''}$${text}`;
}
function short(value) {
    for (const [unit, size] of [['G', 1e9], ['M', 1e6], ['k', 1e3]])
        if (Math.abs(value) >= size) return `${(value / size).toFixed(Math.abs(value) >= 10 * size ? 0 : 1)}${unit}`;
    return String(Math.round(value));
}
const whole = (value) => value.toLocaleString('en-US');
const figure = (value, what = view.what) => (what === 'cost' || what === 'saved' ? usd(value) : whole(value));
const percent = (part, all) => (all > 0 ? `${(100 * part / all).toFixed(part === all || part === 0 ? 0 : 1)} %` : '–');
function bytes(value) {
    return value >= 1048576 ? `${(value / 1048576).toFixed(1)} MB` : value >= 1024 ? `${(value / 1024).toFixed(0)} KB` : `${value} B`;
}
function ms(value) {
    return value === null ? '–' : value < 1000 ? `${value} ms` : `${(value / 1000).toFixed(value < 10000 ? 1 : 0)} s`;
}
function span(seconds) {
    const units = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
    const [unit, size] = units.find(([, length]) => seconds >= length) ?? units[3];
    return `${Math.floor(seconds / size)} ${unit}`;
}
function time(iso, options) {
    return el('time', { datetime: iso, title: iso }, new Date(iso).toLocaleString([], options));
}
// Nodes and words with a dot between them.
const dotted = (list) => list.flatMap((item, i) => (i > 0 ? [' · ', item] : [item]));
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
const DATE = { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' };
const sum = (list) => list.reduce((a, b) => a + b, 0);
const none = (text) => el('p', { class: 'soft' }, text);

/* ---- at a glance ---- */

function showSum() {
    const { totals, month } = doc;
    const calls = doc.cache.hits + doc.cache.misses;
    const items = [
        ['Spent today', usd(totals.today.cost), `${whole(totals.today.calls)} calls`],
        ['Spent this month', usd(month.spent), month.projected === null ? 'too early to project' : `about ${usd(month.projected)} by its end`],
        ['Saved this month', usd(totals.month.saved), `${percent(totals.month.saved, totals.month.baseline)} of ${usd(totals.month.baseline)}`],
        ['Last 60 minutes', usd(totals.hour.cost), `${whole(totals.hour.calls)} calls, ${whole(totals.hour.errors)} failed`],
        ['From the cache', percent(doc.cache.hits, calls), doc.cache.on ? 'of requests that could be' : 'it is off'],
    ];
    put('sum', ...items.map(([name, value, note]) => el('div', null, el('dt', null, name), el('dd', null, value), el('dd', null, note))));
}

// What goes on is shown as it moves; what is wrong is an alert, touched (and so read aloud) only when it is another.
function showNotices() {
    const s = doc.state;
    const p = doc.demo_progress;
    const moving = [];
    const wrong = [];
    const note = (list, kind, ...what) => list.push(el('div', { class: `notice ${kind}` }, ...what));
    if (p) note(moving, 'calm', `Demo: ${p.step}, ${whole(p.done)} of ${whole(p.of)} requests`, bar(p.of > 0 ? p.done / p.of : 0));
    if (!doc.reading.done) note(moving, 'calm', `The ledger is being read: ${doc.reading.percent} %. Sums of the past are not whole yet.`);
    if (!doc.history) note(moving, 'calm', 'There is no history: [server] memory leaves no room for it.');
    put('progress', ...moving);
    if (s.offline) note(wrong, 'bad', 'Offline: no vendor can be reached.');
    else if (!s.upstream_up) note(wrong, 'bad', 'No upstream answers at the moment.');
    if (!s.ledger_writable) note(wrong, 'bad', 'The ledger cannot be written: is the disk full?');
    if (s.stopping) note(wrong, 'bad', 'The gateway is stopping.');
    if (!s.ready && wrong.length === 0) note(wrong, 'bad', 'Not ready: /readyz says no.');
    for (const b of doc.budgets) {
        const name = budgetName(b).join('');
        if (b.exceeded) note(wrong, 'bad', `Budget ${name} is used up: ${usd(b.limit)} ${per(b)}.`);
        else if (b.warns) note(wrong, '', `Budget ${name} is nearly used: ${usd(b.limit)} ${per(b)}.`);
    }
    const text = wrong.map((node) => node.textContent).join('\n');
    if ($('notices').dataset.text !== text) put('notices', ...wrong);
    $('notices').dataset.text = text;
}

/* ---- over time ---- */

// A name keeps its colour while it is among the groups, whatever its rank.
let colors = new Map();
function giveColors() {
    const names = doc.series.groups.map((group) => group.name);
    const kept = new Map([...colors].filter(([name]) => names.includes(name)));
    const taken = new Set(kept.values());
    for (const name of names.filter((n) => !kept.has(n))) {
        const free = name === '(others)' ? 0 : [1, 2, 3, 4, 5, 6, 7].find((c) => !taken.has(c)) ?? 0;
        kept.set(name, free);
        taken.add(free);
    }
    colors = kept;
}
const color = (group) => `var(--c${colors.get(group.name)})`;

const money = () => view.what === 'cost' || view.what === 'saved';

// About four steps that are round numbers, and whole ones where things are counted.
function niceStep(range) {
    const least = range / 4;
    if (!(least > 0)) return money() ? 0.25 : 1;
    const power = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 2.5, 5, 10].find((s) => s * power >= least * 0.999) * power;
    return money() ? step : step === 2.5 ? 3 : Math.max(1, step);
}

const pointTime = (i) => new Date(Date.parse(doc.series.start) + i * doc.series.step_s * 1000);
// A day is the gateway's, not the viewer's: noon of it has the right date almost everywhere.
const dayOf = (i) => new Date(pointTime(i).getTime() + 43200e3).toLocaleDateString([], { month: 'short', day: 'numeric' });
const pointLabel = (i) => (doc.range === 'month' ? dayOf(i) : pointTime(i).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }));

function showPlot() {
    const { groups, points } = doc.series;
    giveColors();
    const ups = Array(points).fill(0), downs = Array(points).fill(0);
    for (const group of groups) group[view.what].forEach((v, i) => { (v > 0 ? ups : downs)[i] += v; });
    const high = Math.max(0, ...ups), low = Math.min(0, ...downs);
    const step = niceStep(high - low);
    const first = Math.floor(low / step + 0.001), last = Math.max(1, Math.ceil(high / step - 0.001));
    const ticks = Array.from({ length: last - first + 1 }, (_, i) => step * (first + i));
    const words = ticks.map((v) => (money() ? usd(v) : short(v)));
    const W = Math.max(280, $('plot').clientWidth || 640), H = W < 480 ? 192 : 240, B = 24, T = 8;
    const L = 12 + 7 * Math.max(...words.map((word) => word.length));
    const x = (i) => L + (W - L) * i / points, y = (v) => H - B - (H - B - T) * (v - ticks[0]) / (ticks.at(-1) - ticks[0]);
    const root = svg('svg', { class: (W - L) / points > 8 ? 'apart' : null, viewBox: `0 0 ${W} ${H}`, width: W, height: H, 'aria-hidden': 'true' });
    ticks.forEach((v, i) => root.append(svg('line', { class: 'grid', x1: L, x2: W, y1: y(v), y2: y(v) }),
        svg('text', { class: 'tick', x: L - 6, y: y(v) + 4, 'text-anchor': 'end' }, words[i])));
    const every = Math.ceil(points / (W < 480 ? 4 : 8));
    for (let i = 0; i < points; i += every)
        root.append(svg('text', { x: x(i) + 2, y: H - 6 }, pointLabel(i)));
    const width = (W - L) / points;
    for (let i = 0; i < points; i++) {
        let up = 0, down = 0;
        groups.forEach((group) => {
            const v = group[view.what][i];
            if (v === 0) return;
            const from = v > 0 ? up : down;
            if (v > 0) up += v; else down += v;
            const over = y(Math.max(from, from + v));
            const rect = svg('rect', { class: 'value', x: x(i) + width * 0.1, width: width * 0.8, y: over, height: Math.max(0.5, y(Math.min(from, from + v)) - over) });
            rect.style.fill = color(group);
            root.append(rect);
        });
        const slot = svg('rect', { class: 'slot', x: x(i), width, y: T, height: H - B - T });
        slot.addEventListener('pointerenter', () => read(i));
        root.append(slot);
    }
    put('plot', root);
    put('legend', ...groups.map((group) => {
        const key = el('span', { class: 'key', 'aria-hidden': 'true' });
        key.style.background = color(group);
        return el('li', null, key, el('span', null, group.name), ' ', el('strong', null, ''));
    }));
    $('plot').setAttribute('aria-label', `${WHAT[view.what]} by ${doc.by}, ${RANGE[doc.range].toLowerCase()}`);
    $('plot').setAttribute('aria-valuemax', points);
    read(at);
    showTable(groups, points);
}

// One point of the plot, or all of them (-1), in figures: where they stand does not move, so nothing jumps.
function read(i) {
    const { groups, points } = doc.series;
    at = Math.max(-1, Math.min(points - 1, i));
    document.querySelectorAll('#plot .slot').forEach((slot, k) => slot.classList.toggle('on', k === at));
    const values = groups.map((group) => (at < 0 ? sum(group[view.what]) : group[view.what][at]));
    document.querySelectorAll('#legend strong').forEach((strong, k) => { strong.textContent = figure(values[k]); });
    const what = groups.length === 0 ? 'No calls in this range yet.' :
        `${at < 0 ? RANGE[doc.range] : pointLabel(at)}: ${figure(sum(values))} in all`;
    $('readout').textContent = what;
    const parts = groups.map((group, k) => [group.name, values[k]]).filter(([, value]) => value !== 0).map(([name, value]) => `${name} ${figure(value)}`);
    $('plot').setAttribute('aria-valuenow', at + 1);
    $('plot').setAttribute('aria-valuetext', [what, ...parts].join(', '));
}

function showTable(groups, points) {
    if (!$('plot-table').closest('details').open) return;
    const head = el('tr', null, el('th', { scope: 'col' }, 'From'), ...groups.map((group) => el('th', { scope: 'col', class: 'n' }, group.name)));
    const rows = [];
    for (let i = points - 1; i >= 0; i--)
        if (groups.some((group) => group.calls[i] > 0))
            rows.push(el('tr', null, el('th', { scope: 'row' }, doc.range === 'month' ? dayOf(i) : time(pointTime(i).toISOString(), DATE)),
                ...groups.map((group) => el('td', { class: 'n' }, figure(group[view.what][i])))));
    put('plot-table', el('caption', { class: 'hidden' }, `${WHAT[view.what]} by ${doc.by}`), el('thead', null, head), el('tbody', null, ...rows));
}

/* ---- the cards ---- */

function row(cls, name, value, graph, note) {
    return el('div', { class: `row ${cls}` }, el('p', null, el('span', null, name), el('span', null, value)), graph, note ? el('p', { class: 'soft' }, el('span', null, ...[note].flat())) : null);
}

const budgetName = (b) => [b.name, ...(['-', 'all', b.name].includes(b.subject) ? [] : [` · ${b.subject}`])];
const per = (b) => (b.per === 'total' ? 'in all' : `per ${b.per}`);

function showBudgets() {
    if (doc.budgets.length === 0)
        return put('budgets', none('No budget is set. A [budget] in the configuration is a cap that is never passed.'));
    put('budgets', ...doc.budgets.map((b) => {
        const kind = b.exceeded ? 'exceeded' : b.warns ? 'warns' : '';
        const notes = [`${usd(b.left)} left`];
        if (b.held > 0) notes.push(`${usd(b.held)} held by running calls`);
        if (b.projected !== null) notes.push(`about ${usd(b.projected)} by the end`);
        if (b.resets !== null) notes.push(el('span', null, 'resets ', time(b.resets, DATE)));
        return row(kind, el('span', null, ...budgetName(b), kind ? el('span', { class: 'flag' }, b.exceeded ? ' used up' : ' nearly used') : ''),
            `${usd(b.spent)} of ${usd(b.limit)} ${per(b)}`,
            bar(b.limit > 0 ? b.spent / b.limit : 1, b.limit > 0 ? b.held / b.limit : 0, b.projected > 0 && b.limit > 0 ? b.projected / b.limit : null), dotted(notes));
    }));
}

const SAVED = { hit: 'cache', near: 'near match', coalesced: 'shared call', routed: 'cheaper model', tier: 'cheap tier first', compressed: 'shorter prompt',
    summarized: 'summary', batched: 'batched', stopped: 'early end', capped: 'shorter answer', other: 'other' };
function showSaved() {
    const list = [...doc.savings].sort((a, b) => b.saved - a.saved);
    const most = Math.max(0, ...list.map((s) => s.saved));
    if (list.length === 0) return put('saved', none('Nothing yet. Routes, tiers and the cache save; what they saved shows here.'));
    put('saved', ...list.map((s) => row('', SAVED[s.by] ?? s.by, usd(s.saved), bar(most > 0 ? s.saved / most : 0), `${whole(s.calls)} calls`)));
}

const pairs = (list) => el('table', null, el('tbody', null, ...list.map(([name, value]) => el('tr', null, el('th', { scope: 'row' }, name), el('td', { class: 'n' }, value)))));

function showCache() {
    const c = doc.cache;
    if (!c.on) return put('cache', none('It is off. A [cache] section keeps answers to questions that come again.'));
    put('cache', row('', 'Ring', `${bytes(c.bytes_used)} of ${bytes(c.bytes_size)}`, bar(c.bytes_size > 0 ? c.bytes_used / c.bytes_size : 0),
        `${whole(c.entries)} answers${c.oldest_s === null ? '' : `, the oldest ${span(c.oldest_s)} old`}`),
    pairs([['Hits', whole(c.hits)], ['of these near matches', whole(c.near_hits)], ['Shared a running call', whole(c.coalesced)],
        ['Misses', whole(c.misses)], ['Gave way early', whole(c.evicted)]]));
}

function showTiers() {
    if (doc.tiers.length === 0) return put('tiers', none('No route with tiers was asked yet.'));
    const list = [...doc.tiers].sort((a, b) => a.route.localeCompare(b.route) || a.tier - b.tier);
    put('tiers', ...list.map((t) => row('', `${t.route} ${t.tier}: ${t.model}`, `${percent(t.passed, t.asked)} passed`,
        bar(t.asked > 0 ? t.passed / t.asked : 0), `${whole(t.passed)} of ${whole(t.asked)} answers were good enough`)));
}

function showSpeed() {
    const { first_byte_ms: first, total_ms: total } = doc.latency;
    const line = (name, t) => el('tr', null, el('th', { scope: 'row' }, name), ...['p50', 'p90', 'p99'].map((p) => el('td', { class: 'n' }, ms(t[p]))));
    if (total.count === 0) return put('speed', none('No call since the start.'));
    put('speed', el('table', null, el('thead', null, el('tr', null, el('td'), ...['half', '90 %', '99 %'].map((p) => el('th', { scope: 'col', class: 'n' }, p)))),
        el('tbody', null, line('First byte', first), line('Whole answer', total))), none(`of ${whole(total.count)} calls since the start, at most`));
}

function showUp() {
    const words = { up: 'up', down: 'down', resting: 'resting', trying: 'being tried', unused: 'not used yet' };
    put('up', ...doc.upstreams.map((u) => {
        const notes = [`${whole(u.calls)} calls, ${whole(u.failures)} failed`, `${u.busy} running, ${u.warm} warm, ${u.waiting} waiting`];
        if (u.last_failure !== null) notes.push(el('span', null, 'last failure ', u.last_failure_time ? time(u.last_failure_time, DATE) : '', `: ${u.last_failure}`));
        return row(u.state, u.name, el('span', { class: 'flag' }, words[u.state] ?? u.state), null, dotted(notes));
    }));
}

// News are told every 15 s at most. Lines of one call share its id, so the whole line is what tells lines apart.
const QUIET_MS = 15000;
let told = { time: 0, newest: null, count: 0 };
function tellTail() {
    if (told.count === 0 || Date.now() - told.time < QUIET_MS) return;
    put('tail-news', told.count === 1 ? '1 new call' : `${told.count} new calls`);
    told = { ...told, time: Date.now(), count: 0 };
}
function showTail() {
    if (paused) return;
    const lines = doc.tail.map((l) => JSON.stringify(l));
    if (told.newest !== (lines[0] ?? '')) {
        const fresh = lines.indexOf(told.newest);
        told.count += told.newest === null ? 0 : fresh < 0 ? lines.length : fresh;
        told.newest = lines[0] ?? '';
        showLines();
    }
    tellTail();
}
function showLines() {
    if (doc.tail.length === 0) {
        put('tail', el('tbody', null, el('tr', null, el('td', null, none('No call yet. Try this:'), el('pre', null,
            `curl ${location.origin}/v1/chat/completions -H 'Content-Type: application/json' -d '{"model":"${doc.demo ? 'auto' : 'MODEL'}","messages":[{"role":"user","content":"Hello"}]}'`)))));
        return;
    }
    const heads = [['Time'], ['Key'], ['Model'], ['Route'], ['Workload'], ['In', 'n'], ['Cached', 'n'], ['Out', 'n'], ['Cost', 'n'], ['Saved', 'n'], ['First byte', 'n'], ['Whole', 'n'], ['Status', 'n'], ['Tags']];
    put('tail', el('caption', { class: 'hidden' }, 'Newest calls first'),
        el('thead', null, el('tr', null, ...heads.map(([name, cls]) => el('th', { scope: 'col', class: cls }, name)))),
        el('tbody', null, ...doc.tail.map((l) => el('tr', { class: l.status >= 200 && l.status < 300 ? null : 'err' },
            el('td', null, time(l.time, CLOCK)),
            el('td', { class: 'name', title: l.label === '-' ? l.key : `${l.key}, ${l.label}` }, l.key),
            el('td', { class: 'name', title: `${l.asked} → ${l.used}, ${l.id}` }, l.asked === l.used ? l.used : `${l.asked} → ${l.used}`),
            el('td', { class: 'name', title: l.route }, l.route), el('td', { class: 'name', title: l.workload }, l.workload),
            el('td', { class: 'n' }, whole(l.input)), el('td', { class: 'n' }, l.cached > 0 ? whole(l.cached) : ''), el('td', { class: 'n' }, whole(l.output)),
            el('td', { class: 'n' }, usd(l.cost)), el('td', { class: 'n' }, usd(l.baseline - l.cost)),
            el('td', { class: 'n' }, ms(l.ttfb_ms)), el('td', { class: 'n' }, ms(l.ms)), el('td', { class: 'n' }, l.status === 0 ? 'none' : String(l.status)),
            el('td', null, ...l.tags.map((tag) => el('span', { class: 'tag' }, tag)))))));
}

function showMem() {
    const m = doc.memory;
    const used = sum(m.parts.map((p) => p.bytes));
    put('mem-sum', `${bytes(used)} of ${bytes(m.bytes)} are given to:`);
    // Into the table that stands: who scrolls or has the focus there keeps it.
    put('mem', el('thead', null, el('tr', null, ...[['Part'], ['Size', 'n'], ['In use', 'n'], ['Peak', 'n'], ['Of', 'n']].map(([name, cls]) => el('th', { scope: 'col', class: cls }, name)))),
        el('tbody', null, ...m.parts.map((p) => el('tr', null, el('th', { scope: 'row' }, p.name), ...[bytes(p.bytes), p.in_use, p.peak, p.slots].map((v) =>
            el('td', { class: 'n' }, v === null ? '' : typeof v === 'number' ? whole(v) : v))))));
}

function show() {
    const l = doc.ledger;
    put('who', `${doc.version} · ${doc.board} · up ${span(doc.uptime_s)}${doc.demo ? ' · demo, with a stand-in for a vendor' : ''}`);
    put('foot', `Ledger ${l.path || '(none)'}: ${whole(l.lines)} lines and ${bytes(l.bytes_written)} since the start${l.lines_lost ? `, ${whole(l.lines_lost)} lost` : ''}${l.lines_damaged ? `, ${whole(l.lines_damaged)} found damaged` : ''}. Days and months in ${doc.timezone}.`);
    for (const part of [showNotices, showSum, showPlot, showBudgets, showSaved, showCache, showTiers, showSpeed, showUp, showTail, showMem]) part();
}

/* ---- live ---- */

// The server sends something every minute at least: what is silent for longer has lost its line without noticing.
const SILENT_MS = 150000;
const HIDDEN_MS = 60000; // a forgotten tab gives its place to another viewer
let source = null;
let retry = null;
let silence = null;
let sleep = null;
let waits = 1000;
let heard = 0;

function link(cls, text) {
    $('link').className = cls;
    if ($('link-text').textContent !== text) $('link-text').textContent = text;
}

function take(text) {
    doc = JSON.parse(text);
    heard = Date.now();
    show();
}

function hangUp() {
    source?.close();
    clearTimeout(silence);
    clearTimeout(retry);
    clearTimeout(sleep);
}
// Figures that stand still are not "live as of".
function still(cls, text) {
    put('as-of');
    link(cls, text);
}

function lost() {
    const refused = source.readyState === EventSource.CLOSED; // an answer came, another than a stream
    hangUp();
    const old = () => (heard ? `, the figures are from ${new Date(heard).toLocaleTimeString()}` : '');
    still('lost', `${refused ? 'not live: four may watch at a time' : 'no connection'}${old()}`);
    // Who has no figures yet gets them once, without the stream.
    if (refused && !heard)
        fetch(`/api/summary?range=${view.range}&by=${view.by}`).then((answer) => (answer.ok ? answer.text() : Promise.reject()))
            .then((text) => { if (!heard) { take(text); still('lost', `not live: four may watch at a time${old()}`); } }).catch(() => {});
    retry = setTimeout(connect, waits);
    waits = Math.min(30000, waits * 2);
}

function connect() {
    hangUp();
    silence = setTimeout(lost, SILENT_MS);
    if (document.hidden) sleepSoon();
    source = new EventSource(`/api/events?range=${view.range}&by=${view.by}`);
    source.addEventListener('summary', (event) => {
        waits = 1000;
        clearTimeout(silence);
        silence = setTimeout(lost, SILENT_MS);
        take(event.data);
        link('live', 'live');
        put('as-of', ' as of ', time(doc.time, CLOCK));
    });
    source.addEventListener('error', lost);
}

function sleepSoon() {
    sleep = setTimeout(() => {
        hangUp();
        source = null;
        still('', 'asleep while hidden');
    }, HIDDEN_MS);
}
document.addEventListener('visibilitychange', () => {
    clearTimeout(sleep);
    if (document.hidden) sleepSoon();
    else if (source === null) connect();
});

/* ---- switches ---- */

function readHash() {
    const words = location.hash.slice(1).split(',');
    for (const [name, all] of [['what', WHAT], ['range', RANGE], ['by', BY]])
        view[name] = words.find((word) => Object.hasOwn(all, word)) ?? view[name];
}

function choose() {
    at = -1;
    if (doc && doc.range === view.range && doc.by === view.by) showPlot();
    else connect();
}

function makeSwitch(name, all) {
    put(`sw-${name}`, ...Object.entries(all).map(([value, text]) => {
        const input = el('input', { type: 'radio', name, value });
        input.checked = view[name] === value;
        input.addEventListener('change', () => {
            view[name] = value;
            history.replaceState(null, '', `#${view.what},${view.range},${view.by}`);
            choose();
        });
        return el('label', null, input, el('span', null, text));
    }));
}

readHash();
makeSwitch('what', WHAT);
makeSwitch('range', RANGE);
makeSwitch('by', BY);
$('pause').addEventListener('click', () => {
    paused = !paused;
    $('pause').setAttribute('aria-pressed', String(paused));
    $('pause').textContent = paused ? 'Go on' : 'Pause';
    if (doc) showTail();
});
$('plot').addEventListener('keydown', (event) => {
    const last = doc ? doc.series.points - 1 : -1;
    const to = { ArrowLeft: at < 0 ? last : at - 1, ArrowRight: at < 0 ? 0 : at + 1, Home: 0, End: last, Escape: -1 }[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    read(Math.max(event.key === 'Escape' ? -1 : 0, to));
});
$('plot').addEventListener('pointerleave', () => doc && read(-1));
$('plot-table').closest('details').addEventListener('toggle', () => doc && showPlot());
addEventListener('resize', () => doc && showPlot());
addEventListener('online', connect);
addEventListener('hashchange', () => {
    readHash();
    for (const name of Object.keys(view)) document.querySelector(`input[name=${name}][value=${view[name]}]`).checked = true;
    choose();
});
connect();
