#!/usr/bin/env node
// The table of the routes over a set that is in the repository: check.mjs BINARY
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = execFileSync(process.execPath, [path.join(here, 'run.mjs'), path.resolve(process.argv[2]), '--small', '--json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const [set] = JSON.parse(out);
const row = (name) => set.rows.find((r) => r.name === name) ?? assert.fail(name);
const close = (a, b, what) => assert.ok(Math.abs(a - b) < 1e-9, `${what}: ${a} and ${b}`);

// What is served is what the offline commands say of the same answers, to the picodollar.
const tiers = row('tiers, bar 0.9');
const served = row('the gateway, bar 0.9');
close(tiers.usd, served.usd, 'cost');
close(tiers.right, served.right, 'right');
close(tiers.calls, served.calls, 'calls');
// Half of the hard ones are refused by the cheap model, which shows; all of them can be told by their words.
close(tiers.right, 100 / 120, 'right by tiers');
close(row('difficulty, keep 95 %').right, 1, 'right by difficulty');
close(row('difficulty, keep 95 %').usd, row('who knew it beforehand').usd, 'cost by difficulty');
assert.ok(row('learn, keep 95 %').right >= 0.98, 'right by learning');
assert.ok(set.apgr > 0.8, `APGR ${set.apgr}`);
// Shadows are paid for: with one for each answer all are asked of both models.
const all = row('the gateway, learn, shadow 100 %');
close(all.usd, row('the strong model for all').usd + row('the cheap model for all').usd, 'cost with shadows');
// Every answer teaches something, but for the strong one's where the cheap tier was passed over.
for (const note of set.notes) {
    if (note.state === 'calibrated') assert.ok(note.labels < set.questions, note.name);
    else assert.equal(note.labels, set.questions, note.name);
}
console.log('routes: the table is made, and what is served is what was said');
