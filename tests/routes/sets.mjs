// Questions of which it is known what a cheap and a strong model answered, or at least how well: the sets of the routes' table.
// A question: prompt, cheap and strong (0..1), cheapText and strongText (null where only the outcome is known), cost of either in
// picodollars. Four bytes are a token; an answer that is not known is as long as farthing itself takes one to be.
import path from 'node:path';
import fs from 'node:fs';
import { csv, jsonl, randomOf, read, shuffle } from '../savings/workload.mjs';

export const tokens = (text) => Math.ceil(Buffer.byteLength(text) / 4);
const OUTPUT_TOKENS = 215; // SWITCH_OUTPUT_TOKENS

function priced(set) {
    const cost = ([input, output], prompt, answer) => tokens(prompt) * input * 1e6 + (answer === null ? OUTPUT_TOKENS : tokens(answer)) * output * 1e6;
    for (const q of set.questions) {
        q.cheapCost = cost(set.prices.cheap, q.prompt, q.cheapText);
        q.strongCost = cost(set.prices.strong, q.prompt, q.strongText);
    }
    shuffle(set.questions, randomOf(20260101));
    return set;
}

function routellm(data) {
    const [head, ...rows] = csv(read(data, 'routellm/routellm/evals/gsm8k/gsm8k_responses.csv'));
    if (head[1] !== 'mistralai/Mixtral-8x7B-Instruct-v0.1') throw new Error('another file of answers');
    return priced({ name: 'Mixtral 8x7B, GPT-4', prices: { cheap: [0.6, 0.6], strong: [10, 30] },
        questions: rows.map((row) => ({ prompt: row[0], cheap: Number(row[1] === 'True'), strong: Number(row[2] === 'True'), cheapText: row[3], strongText: row[4] })) });
}

// No prices were ever listed for these: they are in proportion to the number of their weights.
function gsm8k(data) {
    const rows = jsonl(read(data, 'gsm8k-openai/example_model_solutions.jsonl'));
    return priced({ name: '6B, 175B', prices: { cheap: [1, 1], strong: [29, 29] },
        questions: rows.map((row) => ({ prompt: row.question, cheap: Number(row['6b_finetuning'].is_correct), strong: Number(row['175b_finetuning'].is_correct),
            cheapText: row['6b_finetuning'].solution, strongText: row['175b_finetuning'].solution })) });
}

function llmrouter(data) {
    const list = JSON.parse(read(data, 'llmrouter-ulab/default_llm.json'));
    const [cheap, strong] = ['gemma-2-9b-it', 'llama-3.1-nemotron-51b-instruct'];
    const price = (name) => [list[name].input_price, list[name].output_price];
    return priced({ name: 'Gemma 2 9B, Nemotron 51B', prices: { cheap: price(cheap), strong: price(strong) },
        questions: JSON.parse(read(data, 'llmrouter-ulab/train.json.gz')).map((row) => ({ prompt: row.question, cheap: row.scores[cheap], strong: row.scores[strong], cheapText: null, strongText: null })) });
}

export const realSets = (data) => [routellm(data), gsm8k(data), llmrouter(data)];
export const hasSets = (data) => ['routellm', 'gsm8k-openai', 'llmrouter-ulab'].every((name) => fs.existsSync(path.join(data, name)));

// Hard ones can be told by their words, and their cheap answers sometimes by what they are.
export function smallSets() {
    const questions = Array.from({ length: 120 }, (_, i) => {
        const hard = i % 3 === 0;
        return { prompt: hard ? `Prove the theorem about the ${i + 1} rings of Borromeo.` : `Name the capital of the country number ${i + 1}.`, cheap: hard ? 0 : 1, strong: 1,
            cheapText: hard && i % 2 ? 'I am sorry, but I cannot help with that.' : `It is the answer number ${i}.`, strongText: `The answer is number ${i}, as every book says.` };
    });
    return [priced({ name: 'small', prices: { cheap: [1, 1], strong: [10, 10] }, questions })];
}
