#!/usr/bin/env node
// What each way to choose between a cheap and a strong model costs, and how many answers are right: run.mjs BINARY [--small]
// [--data FOLDER] [--json]. Every decision is the binary's own, by `eval`, `train` and a gateway that learns; what each model
// answered, and whether that is right, is recorded.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { replay } from './gateway.mjs';
import { hasSets, realSets, smallSets } from './sets.mjs';

const args = process.argv.slice(2);
const binary = path.resolve(args[0] ?? '');
const small = args.includes('--small');
const data = args.includes('--data') ? args[args.indexOf('--data') + 1] : '';
if (!fs.existsSync(binary)) {
    console.error('routes: no such binary');
    process.exit(2);
}
if (!small && !hasSets(data)) {
    console.error(`routes: skipped, ${data || 'the folder of the data'} is not here`);
    process.exit(0);
}
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'farthing-routes-'));
const KEEP = [95, 80];
const BARS = [0.8, 0.9, 0.95];

const lines = (objects) => objects.map((o) => JSON.stringify(o)).join('\n') + '\n';
function evaluate(kind, objects, ...more) {
    const out = execFileSync(binary, ['eval', kind, ...more], { input: lines(objects), encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'ignore'] });
    return out.trim().split('\n').map((line) => JSON.parse(line));
}

/* ---- rows ---- */

// Of what is asked of whom: cheap, strong, or both one after the other.
function row(name, questions, choose) {
    let cost = 0;
    let right = 0;
    let calls = 0;
    questions.forEach((q, i) => {
        const { strong, both } = choose(q, i);
        cost += strong ? q.strongCost + (both ? q.cheapCost : 0) : q.cheapCost;
        right += strong ? q.strong : q.cheap;
        calls += strong ? 1 : 0;
    });
    return { name, usd: cost / 1e12, right: right / questions.length, calls: calls / questions.length };
}

function tierRows(questions) {
    if (questions[0].cheapText === null) return [];
    const scores = evaluate('score', questions.map((q) => ({ question: q.prompt, answer: q.cheapText })));
    return BARS.map((bar) => row(`tiers, bar ${bar}`, questions, (q, i) => ({ strong: scores[i].score < bar, both: true })));
}

// Each half is told by weights and a bound that the other half gave.
function difficultyRows(questions) {
    const config = path.join(work, 'difficulty.conf');
    const weights = path.join(work, 'weights');
    const file = path.join(work, 'half.jsonl');
    fs.writeFileSync(config, `[classify]\ndifficulty = ${weights}\n[upstream s]\ndialect = standin\n[model m]\nupstream = s\nfree = yes\n[route r]\ntiers = m\n`);
    const said = new Map(KEEP.map((keep) => [keep, []]));
    for (const half of [0, 1]) {
        fs.writeFileSync(file, lines(questions.filter((q, i) => i % 2 !== half).map(({ prompt, cheap, strong }) => ({ prompt, cheap, strong }))));
        const bounds = KEEP.map((keep) => {
            const run = spawnSync(binary, ['train', '--difficulty', '--keep', String(keep), '--out', weights, file], { encoding: 'utf8' });
            if (run.status !== 0) throw new Error(run.stderr);
            return Number(/^difficulty = < (\S+)/m.exec(run.stderr)?.[1] ?? 0);
        });
        const told = evaluate('route', questions.filter((q, i) => i % 2 === half).map(({ prompt }) => ({ prompt })), '-c', config);
        told.forEach((line, k) => KEEP.forEach((keep, n) => { said.get(keep)[2 * k + half] = line.difficulty >= bounds[n]; }));
    }
    return KEEP.map((keep) => row(`difficulty, keep ${keep} %`, questions, (q, i) => ({ strong: said.get(keep)[i], both: false })));
}

// How much of what the strong model is better by is kept, over the share of its calls, by falling gain; ties count in their mean.
function levels(questions, gains) {
    const by = new Map();
    questions.forEach((q, i) => {
        const level = by.get(gains[i]) ?? { gain: gains[i], count: 0, better: 0 };
        level.count++;
        level.better += q.strong - q.cheap;
        by.set(gains[i], level);
    });
    return [...by.values()].sort((a, b) => b.gain - a.gain);
}
export function apgr(questions, gains) {
    const total = questions.reduce((n, q) => n + q.strong - q.cheap, 0);
    let sum = 0;
    let area = 0;
    for (const level of levels(questions, gains)) {
        area += level.count * (sum + level.better / 2);
        sum += level.better;
    }
    return area / total / questions.length;
}
// The highest bound of the gain above which so much is kept, as it is with every lower one.
function boundOf(questions, gains, keep) {
    let left = questions.reduce((n, q) => n + q.strong - q.cheap, 0);
    const least = (left * keep) / 100;
    let bound = -1;
    for (const level of levels(questions, gains).reverse()) {
        if (left < least) break;
        bound = level.gain;
        left -= level.better;
    }
    return bound;
}
function learnRows(questions) {
    const gains = evaluate('learn', questions.map(({ prompt, cheap, strong }) => ({ prompt, cheap, strong }))).map((line) => line.gain);
    const of = (half, list) => list.filter((x, i) => i % 2 === half);
    const rows = KEEP.map((keep) => {
        const bounds = [0, 1].map((half) => boundOf(of(1 - half, questions), of(1 - half, gains), keep));
        return row(`learn, keep ${keep} %`, questions, (q, i) => ({ strong: gains[i] >= bounds[i % 2], both: false }));
    });
    return { rows, apgr: apgr(questions, gains) };
}

/* ---- one that learns while it serves ---- */

// Answers that show whether they are right: what one pass over the questions would teach if the labels were true.
const REFUSAL = 'I am sorry, but I cannot help with that.';
const honest = (set) => ({ ...set, questions: set.questions.map((q) => ({ ...q, cheapText: q.strong > q.cheap ? REFUSAL : 'Yes, it is so.', strongText: 'Yes, it is so.' })) });

async function gatewayRows(set) {
    const { questions } = set;
    if (questions[0].cheapText === null) return { rows: [], notes: [] };
    const of = (name, run) => ({ name, usd: run.usd, right: run.right, calls: run.calls });
    const plain = await replay(binary, work, set, { bar: 0.9, learn: false, shadow: 0 });
    const own = await replay(binary, work, set, { bar: 0.9, learn: true, shadow: 10 });
    const all = await replay(binary, work, set, { bar: 0.9, learn: true, shadow: 100 });
    const taught = await replay(binary, work, honest(set), { bar: 0.9, learn: true, shadow: 0 });
    const notes = [['labels that are true', taught], ['shadow = 10%', own], ['shadow = 100%', all]].map(([name, run]) => {
        const known = questions.map((q, i) => [q, run.labels[i]]).filter(([, label]) => label !== undefined);
        const asked = known.map(([q, label]) => ({ prompt: q.prompt, cheap: Math.max(0, -label), strong: Math.max(0, label) }));
        const half = questions.length >> 1;
        return { name, labels: known.length, state: run.state, order: run.order, labelAgrees: agreement(known),
            online: apgr(questions.slice(half), run.gains.slice(half)), offline: apgr(known.map(([q]) => q), evaluate('learn', asked).map((line) => line.gain)) };
    });
    return { rows: [of('the gateway, bar 0.9', plain), of('the gateway, learn, shadow 10 %', own), of('the gateway, learn, shadow 100 %', all)], notes };
}
// Of all pairs whose true gains differ, those whose labels stand in that order; a coin gives 0.5.
function agreement(known) {
    let good = 0;
    let pairs = 0;
    for (const [a, la] of known)
        for (const [b, lb] of known)
            if (a.strong - a.cheap > b.strong - b.cheap) { pairs++; good += la > lb ? 1 : la === lb ? 0.5 : 0; }
    return good / pairs;
}

/* ---- the table ---- */

const result = [];
for (const set of small ? smallSets() : realSets(data)) {
    const q = set.questions;
    process.stderr.write(`${set.name}: ${q.length} questions\n`);
    const learn = learnRows(q);
    const gateway = await gatewayRows(set);
    result.push({ name: set.name, questions: q.length, apgr: learn.apgr, notes: gateway.notes, rows: [
        row('the strong model for all', q, () => ({ strong: true })), row('the cheap model for all', q, () => ({ strong: false })),
        row('who knew it beforehand', q, (x) => ({ strong: x.strong > x.cheap })),
        ...tierRows(q), ...difficultyRows(q), ...learn.rows, ...gateway.rows] });
}
fs.rmSync(work, { recursive: true, force: true });

const share = (value) => `${(100 * value).toFixed(1)} %`;
if (args.includes('--json')) {
    console.log(JSON.stringify(result));
} else {
    const names = [...new Set(result.flatMap((set) => set.rows.map((r) => r.name)))];
    console.log(`| | ${result.map((set) => `${set.name}: cost | right`).join(' | ')} |\n|---|${result.map(() => '--:|--:|').join('')}`);
    for (const name of names)
        console.log(`| ${name} | ${result.map((set) => {
            const r = set.rows.find((one) => one.name === name);
            return r ? `${share(r.usd / set.rows[0].usd)} | ${share(r.right)}` : '– | –';
        }).join(' | ')} |`);
    for (const set of result) {
        console.log(`\n${set.name}: ${set.questions} questions, $${set.rows[0].usd.toFixed(4)} by the strong model alone; learn by 5 folds: APGR ${set.apgr.toFixed(3)}`);
        for (const note of set.notes)
            console.log(`  gateway, ${note.name}: ${note.labels} labels, right in ${share(note.labelAgrees)} of pairs; ${note.state}, order ${note.order}; APGR of what it predicted before each question of the `
                + `second half ${note.online.toFixed(3)}; of its labels by 5 folds ${note.offline.toFixed(3)}`);
    }
}
