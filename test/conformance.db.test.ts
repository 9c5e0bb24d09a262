import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { type Given, MissingCredentials, type Outcome } from "../conformance/probe.ts";
import { systems } from "../conformance/systems.ts";
import { differences } from "../conformance/table.ts";
import { playDatacore } from "../sandbox/datacore/server.ts";
import { playVivenu } from "../sandbox/vivenu/server.ts";
import { emptyDatabase, type TestDatabase } from "./support/database.ts";

const root = join(import.meta.dir, "..");

type Play = () => Promise<{ env: Record<string, string>; stop(): Promise<void> }>;

let database: TestDatabase;
beforeAll(async () => {
  database = await emptyDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const log = () => {};

const played: Record<string, Play> = {
  async flowcore() {
    const environment = {
      FLOWCORE_TENANT: "made-up",
      FLOWCORE_API_KEY: "fc_probes_c0ffee",
      FLOWCORE_BEARER_TOKEN: "signed-in",
    };
    const { url, stop } = await playDatacore({
      ...{ sql: database.sql, port: 0, log },
      tenant: environment.FLOWCORE_TENANT,
      apiKey: environment.FLOWCORE_API_KEY,
      bearerToken: environment.FLOWCORE_BEARER_TOKEN,
    });
    return { env: { ...environment, FLOWCORE_BASE_URL: url }, stop };
  },
  async vivenu() {
    const { url, stop, accounts } = await playVivenu({
      ...{ sql: database.sql, port: 0, log, liveSales: false, season: "small" },
    });
    const apiKey = accounts.find(({ region }) => region === "DACH")?.apiKey ?? "";
    return { env: { VIVENU_BASE_URL: url, DACH_API: apiKey }, stop };
  },
};

async function probe(name: string): Promise<Outcome[]> {
  const system = systems.find((one) => one.name === name);
  const play = played[name];
  if (!system || !play) throw new Error(`nobody plays ${name}`);
  const { env, stop } = await play();
  try {
    const given: Given = { signal: new AbortController().signal, pauseMs: 0 };
    const opened = system.open(env, given);
    return [...(await opened.reading()), ...(await opened.writing())];
  } finally {
    await stop();
  }
}

test.each(systems.map(({ name }) => name))(
  "the sandbox answers every probe of %s as the real one is to",
  async (name) => {
    const outcomes = await probe(name);
    expect(differences(outcomes)).toBe("");
    expect(outcomes.filter(({ result }) => result === "not tried")).toEqual([]);
    expect(outcomes.map(({ id }) => id)).toEqual(
      systems.find((one) => one.name === name)?.ids ?? [],
    );
  },
);

/** `Probe: flowcore/order.`, `Probes: a/b, a/c.`: what the sandbox's comments name. */
async function namedInSandbox() {
  const named = new Map<string, string[]>();
  for await (const file of new Glob("sandbox/**/*.ts").scan(root)) {
    if (file.endsWith(".test.ts")) continue;
    const text = (await Bun.file(join(root, file)).text()).replaceAll(/\n\s*(\/\/|\*) /g, " ");
    for (const [, ids = ""] of text.matchAll(/\bProbes?: ([a-z]+\/[a-z0-9/, -]*[a-z0-9])/g))
      named.set(file, [...(named.get(file) ?? []), ...ids.split(", ")]);
  }
  return named;
}

const everyId = systems.flatMap(({ ids }) => ids);

test("each rule of the sandbox that names a probe names one that is there, and each probe is named", async () => {
  const named = [...(await namedInSandbox()).values()].flat();
  expect(named.filter((id) => !everyId.includes(id))).toEqual([]);
  expect(everyId.filter((id) => !named.includes(id))).toEqual([]);
  expect(everyId.filter((id, at) => everyId.indexOf(id) !== at)).toEqual([]);
});

/** Where the sandbox refuses something in an outside system's words, or answers one of its routes. */
const PLAYS_A_RULE =
  /new (Problem|HttpError|Refusal)\(\s*\d|throw invalid\(|\b(app|api)\.(get|post|put|patch|delete)\(/;

/** Our own ways in, which no outside system has, and what one key alone cannot show. */
const NOT_PROBED = [
  // Another tenant's data core is answered 403: one key has one tenant.
  "sandbox/datacore/problem.ts",
  "sandbox/vivenu/admin.ts",
  "sandbox/vivenu/event-changes.ts",
  "sandbox/vivenu/sales.ts",
  "sandbox/vivenu/faults.ts",
  "sandbox/datacore/faults.ts",
  "sandbox/sheets/faults.ts",
  "sandbox/sheets/person.ts",
];

test("each file of the sandbox that refuses or answers as an outside system does names a probe", async () => {
  const named = await namedInSandbox();
  const without: string[] = [];
  for await (const file of new Glob("sandbox/{datacore,vivenu}/**/*.ts").scan(root)) {
    if (file.endsWith(".test.ts") || NOT_PROBED.includes(file) || named.has(file)) continue;
    if (PLAYS_A_RULE.test(await Bun.file(join(root, file)).text())) without.push(file);
  }
  expect(without.sort()).toEqual([]);
});

test("a system whose credentials are not set is not asked", () => {
  for (const { name, open } of systems)
    expect(() => open({}, { signal: new AbortController().signal }), name).toThrow(
      MissingCredentials,
    );
});
