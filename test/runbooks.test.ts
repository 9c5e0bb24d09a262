import { expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import type { Command } from "commander";
import { parse } from "yaml";
import { createProgram } from "../src/commands/program/program.ts";

const root = join(import.meta.dir, "..");
const textOf = (path: string) => Bun.file(join(root, path)).text();
const FOLDER = "docs/runbooks";
const SECTIONS = ["## What it means", "## What is lost meanwhile", "## What to do"];

const runbooks = new Map<string, string>();
for await (const file of new Glob("*.md").scan(join(root, FOLDER)))
  if (file !== "README.md") runbooks.set(`${FOLDER}/${file}`, await textOf(`${FOLDER}/${file}`));
const all = [...runbooks.values()].join("\n");

interface Rule {
  alert: string;
  annotations: { runbook?: string };
}

async function alerts(): Promise<Rule[]> {
  // The cast: other tests hold the rules against the operator's schema.
  const { spec } = parse(await textOf("k8s/components/alerts/prometheusrule.yaml")) as {
    spec: { groups: { rules: Rule[] }[] };
  };
  return spec.groups.flatMap(({ rules }) => rules);
}

test("every alert names a runbook that is of it", async () => {
  for (const { alert, annotations } of await alerts()) {
    const text = runbooks.get(annotations.runbook ?? "");
    expect({ alert, isThere: text?.includes(`\`${alert}\``) }).toEqual({ alert, isThere: true });
  }
});

test("every runbook says what it means, what is lost meanwhile and what to do, and is listed", async () => {
  const index = await textOf(`${FOLDER}/README.md`);
  for (const [path, text] of runbooks) {
    const missing = SECTIONS.filter((section) => !text.includes(section));
    const name = path.slice(FOLDER.length + 1);
    expect({ name, missing, isListed: index.includes(`](${name})`) }).toEqual({
      ...{ name, missing: [], isListed: true },
    });
    for (const [, other = ""] of text.matchAll(/\]\(([a-z-]+\.md)\)/g))
      expect(runbooks.has(`${FOLDER}/${other}`)).toBe(true);
  }
});

/** Where the sentences of `/status` are made; those that are no problem are named, with why. */
const SPEAKING = [
  ...["status-problems", "status-accounts", "webhook-problems", "clock-problems", "zone-problems"],
  ...["event-faults", "keys", "vivenu-watch", "standing-told", "in-words", "unclear-types"],
].map((name) => `src/service/status/${name}.ts`);
const ELSEWHERE = [
  "commands/dead-letter-words",
  "database/blockers",
  "database/outage-words",
  "database/write-probe",
  "service/http/key-ring",
  "service/processes/supervisor",
  "service/loops/log",
  "service/loops/sheet",
  "service/loops/notices",
].map((name) => `src/${name}.ts`);
const NO_PROBLEM = [
  // Notes: they leave the status as it is.
  "rows that are yet to be made under the present settings",
  "is held on purpose since",
  "refused at the door in the last hour:",
  "whose local times are UTC's. Correct it in Vivenu:",
  "in doubt and in no total:",
];

test("every sentence that /status can say is in a runbook", async () => {
  const missing: string[] = [];
  for (const path of [...SPEAKING, ...ELSEWHERE])
    for (const sentence of sentencesIn(await textOf(path))) {
      const words = longestPartOf(sentence);
      const isNote = NO_PROBLEM.some((note) => sentence.includes(note));
      if (!isNote && !all.includes(words)) missing.push(`${path}: ${words}`);
    }
  expect(missing).toEqual([]);
});

test("every loop that can fail is in a runbook", async () => {
  const missing: string[] = [];
  for await (const file of new Glob("src/service/loops/*.ts").scan(root)) {
    if (/\.test\.ts$/.test(file)) continue;
    for (const [, name = ""] of (await textOf(file)).matchAll(/\brun\(\s*["`]([^"`$]+)/g))
      if (!all.includes(`\`${name.trim()}\``)) missing.push(`${file}: ${name}`);
  }
  expect(missing).toEqual([]);
});

test("who restarts pods or takes them back does so with every Deployment", async () => {
  const selector = "--selector app.kubernetes.io/name=vivenu-event-monitor";
  for (const path of ["base", "components/worker"]) {
    const deployment = parse(await textOf(`k8s/${path}/deployment.yaml`));
    expect(deployment).toMatchObject({
      metadata: { labels: { "app.kubernetes.io/name": "vivenu-event-monitor" } },
    });
  }
  const said = [all, await textOf("k8s/README.md"), await textOf("k8s/create-secret.sh")].join(
    "\n",
  );
  const rollouts = [...said.matchAll(/rollout (?:restart|undo|status)(.*?)(?:`|$)/gm)];
  expect(rollouts.length).toBeGreaterThan(5);
  for (const [, rest = ""] of rollouts) expect(rest.trim()).toStartWith(`deployment ${selector}`);
});

test("every command that asks a cluster says of which namespace, as a shell takes it", async () => {
  const said = [all, await textOf(`${FOLDER}/README.md`), await textOf("k8s/README.md")].join("\n");
  const verbs = /\bkubectl (?!create namespace|apply|patch --local|label namespace)[^`\n]*/g;
  const commands = [...said.matchAll(verbs)].map(([command]) => command).filter(isCommand);
  expect(commands.length).toBeGreaterThan(15);
  expect(commands.filter((one) => !/^kubectl (-n|--namespace) /.test(one))).toEqual([]);
  // zsh takes brackets that stand alone for the names of files.
  expect(commands.filter((one) => /\[/.test(one.replaceAll(/'[^']*'|"[^"]*"/g, "")))).toEqual([]);
  expect([...all.matchAll(/create-secret\.sh(?! <namespace>)/g)].map(([one]) => one)).toEqual([]);
});

/** And not the name of the program in a sentence. */
const isCommand = (words: string) => /^kubectl (-|[a-z-]+ [a-z<])/.test(words);

test("every line of the log that a runbook names is written somewhere", async () => {
  const code: string[] = [];
  for await (const file of new Glob("src/**/*.ts").scan(root)) code.push(await textOf(file));
  const written = code.join("\n");
  const named = [...all.matchAll(/`((?:webhook|event|account|loop|part)\.[a-z_]+)`/g)];
  expect(named.length).toBeGreaterThan(5);
  expect(named.map(([, name]) => `"${name}"`).filter((name) => !written.includes(name))).toEqual(
    [],
  );
});

const program = createProgram({
  ...{ env: {}, json: false, stdout: process.stdout, stderr: process.stderr },
  stopSignal: () => new AbortController().signal,
  onEnd: () => {},
});

/** Why it cannot be typed as it stands; undefined where it can, or is no command of ours. */
function faultOf(words: readonly string[], command: Command = program): string | undefined {
  const [first = "", ...rest] = words;
  const found = command.commands.find((one) => one.name() === first);
  if (found) return faultOf(rest, found);
  if (command === program) return undefined;
  const unknown = words
    .filter((word) => word.startsWith("--"))
    .find((word) => !command.options.some(({ long }) => long === word));
  if (unknown !== undefined) return `${command.name()} has no ${unknown}`;
  const isWhole = command.commands.length === 0 || words.length === 0;
  return isWhole ? undefined : `${command.name()} has no ${first}`;
}

test("what a runbook says to type can be typed, and the settings that it names are there", async () => {
  const quoted = [...all.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
  const commands = quoted.filter((text) =>
    program.commands.some((one) => one.name() === text.split(" ")[0]),
  );
  expect(commands.length).toBeGreaterThan(15);
  expect(commands.flatMap((text) => faultOf(text.split(" ")) ?? [])).toEqual([]);
  const settings = await textOf("docs/configuration.md");
  const named = quoted.filter((text) => /^(<REGION>)?[A-Z]*_[A-Z_]+$/.test(text));
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !settings.includes(`\`${name}\``))).toEqual([]);
});

/** `npm run poll -- --region DACH`, `bun dist/main.js poll`, `vivenu-event-monitor poll`: what stands behind. */
const TYPED =
  /(?:npm run (?!-)|dist\/main\.js |src\/main\.ts |vivenu-event-monitor )([a-z][^`#|\\\n"')]*)/g;

test("what the other documents say to type can be typed", async () => {
  const faults: string[] = [];
  let commands = 0;
  const folders = ["*.md", "docs/**/*.md", "k8s/*.md", "src/*/*.md"];
  for (const path of folders.flatMap((folder) => [...new Glob(folder).scanSync(root)])) {
    // A command may go on in the next line.
    const text = (await textOf(path)).replace(/\\\n\s*/g, "");
    for (const [, typed = ""] of text.matchAll(TYPED)) {
      const words = typed
        .replace(/ -- /, " ")
        .split(/[;,.]? |[;,.]$/)
        .filter((word) => word !== "");
      if (!program.commands.some((one) => one.name() === words[0])) continue;
      commands += 1;
      const fault = faultOf(words);
      if (fault !== undefined) faults.push(`${path}: ${typed}: ${fault}`);
    }
  }
  expect(commands).toBeGreaterThan(40);
  expect(faults).toEqual([]);
});

test("what cannot be typed is found out", () => {
  expect(faultOf("set-aside list --everything".split(" "))).toBe("list has no --everything");
  expect(faultOf("set-aside forget".split(" "))).toBe("set-aside has no forget");
  expect(faultOf("set-aside retry --id 5".split(" "))).toBeUndefined();
});

/** Whatever ends with a full stop and has words in it, between quotes or in a template. */
function sentencesIn(code: string): string[] {
  const bare = code.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return [...bare.matchAll(/`((?:[^`\\]|\\.)*\.)`|"((?:[^"\\\n]|\\.)*\.)"/g)]
    .map(([, template, text]) => (template ?? text ?? "").replaceAll("\\`", "`"))
    .filter((sentence) => sentence.length > 15 && sentence.includes(" "));
}

/** What of a sentence is the same each time. */
const longestPartOf = (sentence: string) =>
  sentence
    .split(/\$\{[^}]*\}|^\}|\$\{.*$/)
    .map((part) => part.trim())
    .reduce((longest, part) => (part.length > longest.length ? part : longest), "");
