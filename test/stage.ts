import { playDatacore } from "../sandbox/datacore/server.ts";
import { playSheets } from "../sandbox/sheets/server.ts";
import { visit } from "../sandbox/sheets/visit.ts";
import { playVivenu } from "../sandbox/vivenu/server.ts";
import { applyManifest } from "../src/commands/dev.ts";
import { serve } from "../src/commands/serve.ts";
import { loadConfig } from "../src/config.ts";
import { connect } from "../src/database/connect.ts";
import { systemClock } from "../src/lib/clock.ts";
import { createLogger } from "../src/lib/log.ts";
import { emptyDatabase, freshDatabase } from "./database.ts";

const SPREADSHEET = "the-sheet";
const WRITER = "sheet-writer@sandbox.example.com";
const FLOWCORE_KEY = "fc_stage_0123456789abcdef";
export const API_KEY = "an-api-key-for-tests";

export type Stage = Awaited<ReturnType<typeof raiseStage>>;

/** The whole service on real PostgreSQL, with every other outside system played, in this process. */
export async function raiseStage({ season }: { season: "full" | "small" }) {
  const outside = await emptyDatabase();
  const own = await freshDatabase();
  const quiet = { log: () => {} };
  const { port, release } = reservePort();
  const [datacore, sheets, vivenu] = await Promise.all([
    playDatacore({ sql: outside.sql, port: 0, apiKey: FLOWCORE_KEY, tenant: "hyrox", ...quiet }),
    playSheets({
      ...{ sql: outside.connect(), port: 0, spreadsheetId: SPREADSHEET, ...quiet },
      serviceAccountEmail: WRITER,
      // The tests look at the sheet far more often than the mirror does.
      quota: { readsPerMinute: 10_000, writesPerMinute: 60 },
    }),
    playVivenu({
      ...{ sql: outside.connect(), port: 0, liveSales: false, season, ...quiet },
      webhookTarget: (region) => `http://127.0.0.1:${port}/webhooks/vivenu/${region}`,
    }),
  ]);
  const environment = {
    PORT: String(port),
    HOST: "127.0.0.1",
    DATABASE_URL: own.url,
    BACKEND_API_KEY: API_KEY,
    FLOWCORE_TENANT: "hyrox",
    FLOWCORE_DATA_CORE: "vivenu-event-monitor",
    FLOWCORE_API_KEY: FLOWCORE_KEY,
    FLOWCORE_BASE_URL: datacore.url,
    VIVENU_BASE_URL: vivenu.url,
    VIVENU_MODE: "dev",
    VIVENU_REGIONS: vivenu.accounts.map(({ region }) => region).join(","),
    VIVENU_REQUESTS_PER_HOUR: "1000000",
    VIVENU_REQUESTS_PER_MINUTE: "100000",
    POLL_SCHEDULE: "off",
    GOOGLE_SERVICE_ACCOUNT_EMAIL: WRITER,
    GOOGLE_PRIVATE_KEY: sheets.privateKey.replaceAll("\n", "\\n"),
    GOOGLE_SHEET_ID: SPREADSHEET,
    GOOGLE_SHEETS_BASE_URL: sheets.url,
    ...Object.fromEntries(
      vivenu.accounts.flatMap(({ region, apiKey, hmacKey }) => [
        [`${region}_API`, apiKey],
        [`${region}_WEBHOOK_SECRET`, hmacKey],
      ]),
    ),
  };
  const config = loadConfig(environment);
  await applyManifest(config);
  const logged: string[] = [];
  const log = createLogger("debug", { write: (line) => void logged.push(line) });
  release();

  /** One run of the service; `stop` ends it as SIGTERM does. */
  async function start(databaseUrl = own.url) {
    const stop = new AbortController();
    const listening = Promise.withResolvers<number>();
    const sql = connect(databaseUrl, { max: 20 });
    const settings = loadConfig({ ...environment, DATABASE_URL: databaseUrl });
    const surroundings = { config: settings, sql, clock: systemClock, log };
    const serving = serve(
      { ...surroundings, version: "0", pollOnStart: true, onListening: listening.resolve },
      stop.signal,
    );
    await Promise.race([listening.promise, serving]);
    return {
      async stop() {
        stop.abort();
        await serving;
        await sql.end();
      },
    };
  }

  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    own,
    outside,
    vivenu,
    datacore,
    logged,
    start,
    get: (path: string) => fetch(`${url}${path}`, { headers: { "x-api-key": API_KEY } }),
    /** The cast: what the API promises is held by its own tests. */
    async readJson<T>(path: string): Promise<T> {
      const response = await fetch(`${url}${path}`, { headers: { "x-api-key": API_KEY } });
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
      return (await response.json()) as T;
    },
    /** A tab as a person sees it: a row is an object by the header. */
    async readTab(title: string): Promise<Record<string, unknown>[]> {
      const { privateKey, url: sheetsUrl } = sheets;
      const client = visit({ url: sheetsUrl, serviceAccountEmail: WRITER, privateKey });
      const { data } = await client.values.get({
        spreadsheetId: SPREADSHEET,
        range: `'${title}'`,
        valueRenderOption: "UNFORMATTED_VALUE",
      });
      const [header = [], ...rows] = data.values ?? [];
      return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? null])));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([datacore.stop(), sheets.stop(), vivenu.stop()]);
      await own[Symbol.asyncDispose]();
      await outside[Symbol.asyncDispose]();
    },
  };
}

/** A port that nobody else gets until it is released: listeners must know it before the service runs. */
function reservePort() {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  return { port: server.port ?? 0, release: () => void server.stop(true) };
}

/** Asks again and again until `read` gives something; the limit is for the product, not for luck. */
export async function until<T>(
  read: () => Promise<T | undefined | false | null>,
  { withinMs, what }: { withinMs: number; what: string },
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await read();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await Bun.sleep(50);
  }
}
