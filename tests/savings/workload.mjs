// The requests of the savings table: what is asked, and what each model would answer.
// An item: kind, system, user, cheap and strong (the answers), cheapGood and strongGood (null: nobody knows), gold (a text that
// has to be in the prompt for the answer to be found), label.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

export function randomOf(seed) { // mulberry32
    return (below) => {
        seed = (seed + 0x6d2b79f5) | 0;
        let z = Math.imul(seed ^ (seed >>> 15), 1 | seed);
        z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
        return ((z ^ (z >>> 14)) >>> 0) % below;
    };
}

export const read = (data, name) => {
    const bytes = fs.readFileSync(path.join(data, name));
    return (name.endsWith('.gz') ? zlib.gunzipSync(bytes) : bytes).toString();
};
export const jsonl = (text) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line));

// RFC 4180, as far as the file needs it.
export function csv(text) {
    const rows = [[]];
    for (let i = 0, cell = ''; i <= text.length; i++) {
        const c = text[i];
        if (c === '"') {
            for (i++; !(text[i] === '"' && text[i + 1] !== '"'); i++) { if (text[i] === '"') i++; cell += text[i]; }
        } else if (c === ',' || c === '\n' || c === undefined) {
            rows.at(-1).push(cell.replace(/\r$/, ''));
            cell = '';
            if (c === '\n') rows.push([]);
        } else cell += c;
    }
    return rows.filter((row) => row.length > 1);
}

export const shuffle = (list, random) => {
    for (let i = list.length - 1; i > 0; i--) { const k = random(i + 1); [list[i], list[k]] = [list[k], list[i]]; }
    return list;
};
const same = (text, good = null) => ({ cheap: text, strong: text, cheapGood: good, strongGood: good });
const LABELS = ['translate', 'transfer', 'timer', 'definition', 'meaning_of_life', 'insurance_change', 'find_phone', 'travel_alert', 'pto_request', 'improve_credit_score', 'fun_fact', 'change_language'];
const CLASSIFY = (labels) => `Classify the message of the user of a voice assistant into exactly one of these intents: ${labels.join(', ')}. The intents mean what their names say; `
    + 'a message that fits several belongs to the one that the user wants done. Messages are as people speak them, without punctuation, and may name things, places and times that do not matter for the intent. '
    + 'Answer with the name of the intent, spelled as in the list, on a line of its own, and nothing before it.';
// Models explain themselves although nobody asked for it.
const labelled = (label) => same(`${label}\n\nThe message asks for something that belongs to the intent "${label}", and none of the other intents in the list fits it as well.`, true);

// 1,000 requests out of ../shared/data, with the repeats of a real trace.
export function realWorkload(data) {
    const random = randomOf(20260101);
    const items = [];
    const [head, ...rows] = csv(read(data, 'routellm/routellm/evals/gsm8k/gsm8k_responses.csv'));
    if (head[1] !== 'mistralai/Mixtral-8x7B-Instruct-v0.1') throw new Error('another file of answers');
    for (const row of shuffle(rows, random).slice(0, 300))
        items.push({ kind: 'reasoning', system: '', user: row[0], cheap: row[3], strong: row[4], cheapGood: row[1] === 'True', strongGood: row[2] === 'True' });
    const talk = read(data, 'azure-llm-trace/AzureLLMInferenceTrace_conv.csv').split('\n').slice(1).map((line) => Number(line.split(',')[2])).filter((n) => n > 0);
    const prose = jsonl(read(data, 'compress-qa/extractive_qa_prompts.jsonl.gz')).map((row) => row.prompt).join(' ').replace(/\s+/g, ' ');
    const pairs = read(data, 'gptcache/qqp_full.tsv.gz').split('\n').slice(1).map((line) => line.split('\t')).filter((row) => row.length === 3 && row[1].length > 20 && row[2].length > 20);
    for (const [label, a, b] of shuffle(pairs, random).slice(0, 150)) {
        const length = 4 * Math.min(400, talk[random(talk.length)]);
        const at = random(prose.length - 4000);
        const answer = `Here is what can be said about it. ${prose.slice(prose.indexOf('. ', at) + 2, prose.indexOf('. ', at) + 2 + length)}.`;
        const item = { kind: 'talk', system: '', user: a, ...same(answer) };
        items.push(item);
        if (random(3) === 0) items.push(item);
        if (random(4) === 0) items.push({ kind: 'talk', system: '', user: b, ...same(`${answer} `.replace('said about it', 'said to this')), twin: label === '1' ? a : null });
    }
    const intents = JSON.parse(read(data, 'clinc150/data_full.json.gz')).val.filter(([, label]) => LABELS.includes(label));
    for (const [text, label] of shuffle(intents, random).slice(0, 180))
        items.push({ kind: 'classification', system: CLASSIFY(LABELS), user: text, label, ...labelled(label) });
    const t0 = jsonl(read(data, 't0-templates/t0_sample_40_per_template.jsonl.gz'));
    for (const row of shuffle(t0.filter((row) => /^(cnn|xsum|samsum)/.test(row.template) && row.prompt.length < 4000 && row.completion.length > 30), random).slice(0, 80))
        items.push({ kind: 'summarization', system: '', user: `Summarize the following text in a few sentences.\n\n${row.prompt.replace(/^[^\n]{0,120}\n/, '')}`, ...same(row.completion.trim()) });
    for (const row of shuffle(jsonl(read(data, 'compress-qa/extractive_qa_prompts.jsonl.gz')).filter((row) => row.answer && row.prompt.includes(row.answer)), random).slice(0, 120))
        items.push({ kind: 'reading', system: '', user: row.prompt, gold: row.answer, ...same(`The text says: ${row.answer}.`, true) });
    for (const row of shuffle(JSON.parse(read(data, 'gpteacher/codegen-instruct.json.gz')).filter((row) => row.response.length > 80 && row.response.length < 3000), random).slice(0, 80))
        items.push({ kind: 'code', system: '', user: `${row.instruction}\n${row.input}`.trim(), ...same(row.response) });
    for (const row of shuffle(t0.filter((row) => /^(xsum|gigaword)/.test(row.template) && row.completion.length > 40), random).slice(0, 90)) {
        const text = row.completion.trim();
        items.push({ kind: 'translation', system: '', user: `Translate into French: ${text}`, ...same(text.split(' ').map((word) => (word.length > 4 ? `${word}é` : word)).join(' ')) });
    }
    return shuffle(items, random).slice(0, 1000);
}

// 90 requests of our own, for machines without the data.
export function smallWorkload() {
    const random = randomOf(7);
    const items = [];
    const ours = ['timer', 'transfer', 'translate', 'find_phone'];
    const says = { timer: ['set a timer for %d minutes', 'start counting down from %d minutes'], transfer: ['move %d dollars to savings', 'send %d dollars to my brother'],
        translate: ['how do you say number %d in spanish', 'what is %d in german'], find_phone: ['where is my phone i have %d missed calls', 'ring my phone %d times so i can find it'] };
    for (let i = 0; i < 32; i++) {
        const label = ours[i % 4];
        items.push({ kind: 'classification', system: CLASSIFY(ours), user: says[label][i >> 2 & 1].replace('%d', String(5 + i)), label, ...labelled(label) });
    }
    for (let i = 0; i < 20; i++) {
        const [a, b, c] = [12 + i, 3 + i % 5, 7 + i];
        const right = `Each of the ${b} boxes holds ${a} apples, so there are ${b} * ${a} = ${a * b} apples. After ${c} are eaten, ${a * b} - ${c} = ${a * b - c} are left.\n#### ${a * b - c}`;
        const hard = i % 4 === 0;
        items.push({ kind: 'reasoning', system: '', user: `A farmer has ${b} boxes with ${a} apples each. ${c} apples are eaten. How many apples are left?`,
            cheap: hard ? `I'm sorry, but I can't help with that.` : right, strong: right, cheapGood: !hard, strongGood: true });
    }
    for (let i = 0; i < 12; i++) {
        const place = ['Lisbon', 'Oslo', 'Cairo', 'Lima', 'Hanoi', 'Quito', 'Riga', 'Accra', 'Sofia', 'Doha', 'Baku', 'Minsk'][i];
        const text = `The harbour of ${place} was rebuilt in 18${50 + i}. The work was slow, and the people of the town had to wait for a long time until the first of the ships could come in. The captain of that ship was called Maria ${place[0]}enn. ${'It is known that the weather in that year was worse than in most of the years before it, and that this was one of the reasons for the delay. '.repeat(6)}`;
        items.push({ kind: 'reading', system: '', user: `${text}\n\nQuestion: What was the name of the captain of the first ship?`, gold: `Maria ${place[0]}enn`, ...same(`It was Maria ${place[0]}enn.`, true) });
        items.push({ kind: 'translation', system: '', user: `Translate into French: The harbour of ${place} was rebuilt.`, ...same(`Le port de ${place} a été reconstruit.`) });
        const talk = { kind: 'talk', system: '', user: `What should I see on two days in ${place}?`, ...same(`Begin at the harbour of ${place}, then walk up to the old town and end the day in one of the small restaurants there.`) };
        items.push(talk);
        if (i % 2 === 0) items.push(talk);
    }
    return shuffle(items, random);
}
