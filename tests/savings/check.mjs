// The small savings table as a test: check.mjs BINARY. What each row says must be what the vendor has counted.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { finish, test } from './harness.mjs';

const binary = process.argv[2];
const run = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), 'savings-run.mjs');
const { items, rows } = JSON.parse(execFileSync(process.execPath, [run, binary, '--small', '--json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));

await test('savings: no row is dearer than the one before', () => {
    assert.equal(rows.length, 6);
    for (let i = 1; i < rows.length; i++)
        assert.ok(rows[i].cost < rows[i - 1].cost, `${rows[i].step}: ${rows[i].cost}, before ${rows[i - 1].cost}`);
    assert.ok(rows.at(-1).cost < rows[0].cost / 5);
});
await test('savings: ledger, metrics and vendor count the same', () => {
    for (const [i, row] of rows.entries()) {
        assert.ok(Math.abs(row.cost - row.metricsUsd) < 1e-12, row.step);
        assert.equal(row.unknown, 0, `${row.step}: a question that the vendor does not know`);
        // A call that was hung up on is estimated.
        assert.ok(Math.abs(row.cost / row.vendorUsd - 1) < (i < 5 ? 1e-9 : 0.1), `${row.step}: ${row.cost}, by the vendor ${row.vendorUsd}`);
        assert.ok(row.lines >= items, row.step);
    }
});
await test('savings: every answer is right, also joined, shortened, kept and escalated ones', () => {
    for (const row of rows)
        for (const [kind, tally] of Object.entries(row.tally)) assert.equal(tally.right, tally.known, `${row.step}: ${kind}`);
    assert.ok(rows[2].calls > rows[1].calls, 'nothing escalates');
    assert.ok(rows[3].calls < rows[2].calls, 'nothing is kept');
    assert.ok(rows[4].input < rows[3].input, 'nothing gets shorter');
    assert.ok(rows[5].calls < rows[4].calls && rows[5].output < rows[4].output, 'nothing is joined or ended early');
});
finish();
