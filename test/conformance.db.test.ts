import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Given, Outcome } from "../conformance/probe.ts";
import { systems } from "../conformance/systems.ts";
import { differences } from "../conformance/table.ts";
import { playDatacore } from "../sandbox/datacore/server.ts";
import { playSheets } from "../sandbox/sheets/server.ts";
import { playVivenu } from "../sandbox/vivenu/server.ts";
import { sentKinds } from "../src/sheets/sync/requests.ts";
import { emptyDatabase, type TestDatabase } from "./support/database.ts";

type Play = () => Promise<{ env: Record<string, string>; stop(): Promise<void> }>;

let database: TestDatabase;
beforeAll(async () => {
  database = await emptyDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const said: string[] = [];
const log = (line: string) => void said.push(line);

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
  async google() {
    const environment = {
      GOOGLE_SHEET_ID: "played-spreadsheet",
      GOOGLE_SERVICE_ACCOUNT_EMAIL: "probes@played.example.com",
    };
    const plenty = { readsPerMinute: 10_000, writesPerMinute: 10_000 };
    const { url, privateKey, stop } = await playSheets({
      ...{ sql: database.sql, port: 0, log, quota: plenty },
      spreadsheetId: environment.GOOGLE_SHEET_ID,
      serviceAccountEmail: environment.GOOGLE_SERVICE_ACCOUNT_EMAIL,
    });
    const key = { GOOGLE_PRIVATE_KEY: privateKey.replaceAll("\n", "\\n") };
    return { env: { ...environment, ...key, GOOGLE_SHEETS_BASE_URL: url }, stop };
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
    if (name === "google") expect(sentKinds.filter((kind) => !triedKinds().has(kind))).toEqual([]);
  },
);

/** Kinds of requests that probes sent and the played Google carried out. */
const triedKinds = () =>
  new Set(
    said.flatMap((line) => /carried out \d+ requests: (.+)/.exec(line)?.[1]?.split(", ") ?? []),
  );
