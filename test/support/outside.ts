import { playDatacore } from "../../sandbox/datacore/server.ts";
import { playSheets } from "../../sandbox/sheets/server.ts";
import { visit } from "../../sandbox/sheets/visit.ts";
import type { SeasonKind } from "../../sandbox/vivenu/season/make.ts";
import { playVivenu } from "../../sandbox/vivenu/server.ts";
import { playedDatabase } from "./played-database.ts";

const SPREADSHEET = "the-sheet";
const WRITER = "sheet-writer@sandbox.example.com";
const FLOWCORE_KEY = "fc_stage_0123456789abcdef";
export const API_KEY = "an-api-key-for-tests";

export interface OutsideOptions {
  season: SeasonKind;
  /** Where Vivenu sends webhooks. */
  port: number;
  /** The time that the played systems go by. */
  now?: () => Date;
  /** Ids of more spreadsheets. */
  copies?: readonly string[];
}

export type Outside = Awaited<ReturnType<typeof playOutside>>;

/** Every outside system but PostgreSQL, played in this process on a database of its own. */
export async function playOutside({ season, port, now, copies = [] }: OutsideOptions) {
  const database = await playedDatabase();
  const pools = [database.connect(), database.connect()] as const;
  const log = () => {};
  const quiet = { log, ...(now && { now }) };
  const [datacore, sheets, vivenu] = await Promise.all([
    playDatacore({ sql: database.sql, port: 0, apiKey: FLOWCORE_KEY, tenant: "hyrox", ...quiet }),
    playSheets({
      // By the real time: Google's own client takes no other.
      ...{ sql: pools[0], port: 0, spreadsheetId: SPREADSHEET, copies, log },
      serviceAccountEmail: WRITER,
      // The tests look at the sheet far more often than the mirror does.
      quota: { readsPerMinute: 10_000, writesPerMinute: now ? 10_000 : 60 },
    }),
    playVivenu({
      ...{ sql: pools[1], port: 0, liveSales: false, season, ...quiet },
      webhookTarget: (region) => `http://127.0.0.1:${port}/webhooks/vivenu/${region}`,
    }),
  ]);
  const person = visit({
    ...{ url: sheets.url, serviceAccountEmail: WRITER, privateKey: sheets.privateKey },
  });
  return {
    sql: database.sql,
    datacore,
    sheets,
    vivenu,
    /** What the service needs to be told of them. */
    environment: {
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
    } as Record<string, string>,
    /** A tab as a person sees it: a row is an object by the header. */
    async readTab(title: string): Promise<Record<string, unknown>[]> {
      const { data } = await person.values.get({
        spreadsheetId: SPREADSHEET,
        range: `'${title}'`,
        valueRenderOption: "UNFORMATTED_VALUE",
      });
      const [header = [], ...rows] = data.values ?? [];
      return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? null])));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([datacore.stop(), sheets.stop(), vivenu.stop()]);
      await Promise.all(pools.map((pool) => pool.end({ timeout: 1 })));
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Below those that a system gives to whoever connects somewhere: none of these becomes taken by itself. */
const PORTS = { first: 10_240, count: 9_000 };

/** A port that nobody else gets until it is released: listeners must know it before the service runs. */
export function reservePort() {
  for (let tries = 1; ; tries += 1) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    try {
      const server = Bun.serve({ port, hostname: "127.0.0.1", fetch: () => new Response() });
      return { port, release: () => void server.stop(true) };
    } catch (error) {
      // Another test has it.
      if (tries === 20) throw error;
    }
  }
}
