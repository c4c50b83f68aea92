// workload-others - labelled prompts that nobody's weights were learned from, to measure the classifier with.
//
//   node workload-others.mjs FOLDER DATA OUT.jsonl      then: farthing eval workload OUT.jsonl
//
// FOLDER has these files of public repositories on GitHub, under the names given here; none of them is in
// this repository. The class of a prompt is that of its set or its category there, never one we gave it.
//
//   specbench.jsonl      hemingkx/Spec-Bench, data/spec_bench/question.jsonl (without its copy of MT-Bench)
//   mtbench.jsonl        lm-sys/FastChat, fastchat/llm_judge/data/mt_bench/question.jsonl
//   vicuna.jsonl         lm-sys/FastChat, fastchat/llm_judge/data/vicuna_bench/question.jsonl
//   wizardlm.jsonl       nlpxucan/WizardLM, WizardLM/data/WizardLM_testset.jsonl
//   humaneval.jsonl.gz   openai/human-eval, data/HumanEval.jsonl.gz
//   belle.json           LianjiaTech/BELLE, eval/eval_set.json (Chinese)
//   arena2.jsonl         lmarena/arena-hard-auto, data/arena-hard-v2.0/question.jsonl, creative writing only: what
//                        it calls coding and maths is a topic, with cakes in the one and programs in the other
//   task_oriented.py, role_oriented.py   microsoft/promptbench, promptbench/prompts/: wordings, whose gaps are
//                        filled with sentences of DATA and of Spec-Bench
//
// Left out: WizardLM's "Computer Science", "Complex Format", "Multilingual" and "Toxicity" and BELLE's "rewrite",
// which say nothing about the class; PromptBench's brackets and truth values.
import fs from "node:fs";
import { jsonl, randomOf, read } from "../savings/workload.mjs";

const [folder, data, out] = process.argv.slice(2);
const here = (name) => jsonl(read(folder, name));
const there = (name) => jsonl(read(data, name));
const rows = [];
const add = (label, prompt, source) => label && prompt && rows.push({ prompt, label, source });

const mtBench = /^(writing|roleplay|reasoning|math|coding|extraction|stem|humanities)$/;
for (const x of here("specbench.jsonl"))
  if (!mtBench.test(x.category)) add({ translation: "translation", summarization: "summarization" }[x.category] ?? "chat", x.turns[0], "spec-" + x.category);
for (const [file, name] of [["mtbench.jsonl", "mt"], ["vicuna.jsonl", "vicuna"]])
  for (const x of here(file)) add(x.category === "coding" ? "code" : "chat", x.turns[0], `${name}-${x.category}`);
for (const x of here("wizardlm.jsonl"))
  if (!/Computer Sci|Complex Format|Multilingual|Toxic/.test(x.Skill)) add(/^Code /.test(x.Skill) ? "code" : "chat", x.Instruction, "wizardlm-" + x.Skill);
for (const x of here("humaneval.jsonl.gz")) add("code", x.prompt, "humaneval");
for (const x of here("belle.json"))
  if (x.class !== "rewrite") add(/^(code|classification|summarization)$/.test(x.class) ? x.class : "chat", x.question, "belle-" + x.class);
for (const x of here("arena2.jsonl")) if (x.category === "creative_writing") add("chat", x.prompt, "arena-creative_writing");

// ---- PromptBench ----

const random = randomOf(3);
const one = (list) => list[Math.floor(random(2 ** 32) / 2 ** 32 * list.length)];
const p3 = there("t0-templates/t0_sample_40_per_template.jsonl.gz");
const prompts = (template) => p3.filter((r) => r.template.startsWith(template)).map((r) => r.prompt);
const reviews = prompts("rotten_tomatoes_Text_Expressed").map((p) => p.replace(/\s*(What|Did|Is|How)[^]*$/, ""));
const passages = prompts("quoref_Given_Context").map((p) => p.slice(0, 900));
const pairs = read(data, "t0-templates/paraphrase_pairs_paws_qqp_mrpc.tsv").trim().split("\n").slice(1).map((l) => l.split("\t").filter((x) => x.length > 15)).filter((p) => p.length >= 2);
const german = here("specbench.jsonl").filter((x) => x.category === "translation").map((x) => x.turns[0].split("\n").at(-1).replace(/^.*?English:\s*/, ""));
const maths = there("gsm8k-openai/test.jsonl").slice(0, 200).map((x) => x.question);
const exams = there("llmrouter-ulab/default_query_train.jsonl.gz").filter((x) => /mmlu/.test(x.task_name)).map((x) => x.query);
const two = (a, b) => () => ((p) => `${a}: ${p[0]} ${b}: ${p[1]}`)(one(pairs));
const tasks = {
  sst2: ["classification", () => one(reviews)], cola: ["classification", () => one(pairs)[0]], qqp: ["classification", two("Question 1", "Question 2")],
  qnli: ["classification", two("Question", "Context")], mnli: ["classification", two("Premise", "Hypothesis")], wnli: ["classification", two("Sentence 1", "Sentence 2")],
  rte: ["classification", two("Sentence 1", "Sentence 2")], mrpc: ["classification", two("Sentence 1", "Sentence 2")], squad_v2: ["chat", () => one(passages)],
  iwslt: ["translation", () => one(german)], un_multi: ["translation", () => one(german)], math: ["chat", () => one(maths)], mmlu: ["chat", () => one(exams)],
};
for (const file of ["task_oriented.py", "role_oriented.py"]) {
  let task = "";
  for (const line of read(folder, file).split("\n")) {
    task = line.match(/^\s*'(\w+)': \[/)?.[1] ?? task;
    const wording = line.match(/^\s*("[^]*"|'[^]*')\s*,?\s*$/)?.[1];
    if (!wording || !tasks[task]) continue;
    const text = wording.slice(1, -1).replace(/\\n/g, "\n").replace(/\\(["'])/g, "$1");
    for (let i = 0; i < 2; i++)
      add(tasks[task][0], text.replace(/\{(\w*)\}/g, (_, name) => /^con/.test(name) ? tasks[task][1]() : name === "task" ? one(["history", "biology", "law", "algebra"]) : one(["German", "English", "French"])), "promptbench-" + task);
  }
}
fs.writeFileSync(out, rows.map((r) => JSON.stringify(r)).join("\n") + "\n");
console.log(`${rows.length} prompts`);
