import { playDatacore } from "../sandbox/datacore/server.ts";
import { playSheets } from "../sandbox/sheets/server.ts";
import { connect } from "../src/database/connect.ts";
import { provision } from "../src/datacore/provision.ts";
import { COLLECTS_EARLY } from "../src/service/processes/heap.ts";
import { sign } from "../src/vivenu/signature.ts";
import { raisePostgres } from "./ending.ts";
import { lightVivenu } from "./light-vivenu.ts";
import { CORE, KEY, manifestTypes, TENANT } from "./replay.ts";

export const API_KEY = "an-api-key-for-benchmarks";
const ACCOUNTS = 9;
const WEBHOOK_KEY = "a-webhook-key-for-benchmarks";
const [LEAST, MOST] = [20, 165];
/** As many ticket types of an event sell something from count to count. */
const CHANGED = 3;
const EMAIL = "bench@played.example.com";
const SPREADSHEET = "the-sheet";
const UNLIMITED = { readsPerMinute: 1e6, writesPerMinute: 1e6 };

export interface MemorySeason {
  events: number;
  /** Of each event, when it begins. */
  tickets: number;
}

const typesOf = (event: number) => LEAST + ((event * 37) % (MOST - LEAST + 1));

export const describeMemorySeason = ({ events, tickets }: MemorySeason) => {
  const types = Array.from({ length: events }, (_, event) => typesOf(event));
  const all = types.reduce((sum, some) => sum + some, 0);
  return `${events} events of ${LEAST} to ${MOST} ticket types (${all} in all) in ${ACCOUNTS} accounts, ${events * tickets} tickets; ${CHANGED} types of an event sell from count to count`;
};

/** Vivenu, Flowcore, Google and PostgreSQL, played in this process and in PostgreSQL's own. */
export async function playMemorySeason({ events, tickets }: MemorySeason) {
  const server = await raisePostgres();
  const admin = connect(server.url.href, { max: 1 });
  const databaseOf = async (name: string) => {
    await admin`create database ${admin(name)}`;
    return Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
  };
  const [url, ofDatacore, ofSheets] = [
    await databaseOf("service"),
    connect(await databaseOf("datacore"), { max: 4 }),
    connect(await databaseOf("sheets"), { max: 2 }),
  ];
  const quiet = { port: 0, log: () => {} };
  const datacore = await playDatacore({ sql: ofDatacore, apiKey: KEY, tenant: TENANT, ...quiet });
  const to = { tenant: TENANT, dataCore: CORE, apiKey: KEY, baseUrl: datacore.url };
  const dataCore = { name: CORE, description: "", deleteProtection: false, isPublic: false };
  const { dataCoreId } = await provision(to, {
    dataCore: { ...dataCore, flowTypes: manifestTypes() },
  });
  const sheets = await playSheets({
    ...{ sql: ofSheets, spreadsheetId: SPREADSHEET, serviceAccountEmail: EMAIL, ...quiet },
    quota: UNLIMITED,
  });
  const vivenu = lightVivenu({
    ...{ accounts: ACCOUNTS, events, ticketsPerEvent: tickets, factor: 20, order: "sorted" },
    ...{ until: Date.now() - 3_600_000, typesOf, room: 2 },
  });
  const regions = Array.from({ length: ACCOUNTS }, (_, account) => `A${account}`);
  return {
    /** For the floor: a database of the same server. */
    url,
    environment: {
      PATH: process.env.PATH ?? "",
      // As in the image, which keeps nothing that was transpiled either.
      ...{ ...COLLECTS_EARLY, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
      ...{ DATABASE_URL: url, HOST: "127.0.0.1", LOG_LEVEL: "error", BACKEND_API_KEY: API_KEY },
      ...{ FLOWCORE_TENANT: TENANT, FLOWCORE_DATA_CORE: CORE, FLOWCORE_API_KEY: KEY },
      ...{ FLOWCORE_DATA_CORE_ID: dataCoreId, FLOWCORE_BASE_URL: datacore.url },
      ...{ GOOGLE_SERVICE_ACCOUNT_EMAIL: EMAIL, GOOGLE_SHEET_ID: SPREADSHEET },
      GOOGLE_PRIVATE_KEY: sheets.privateKey.replaceAll("\n", "\\n"),
      GOOGLE_SHEETS_BASE_URL: sheets.url,
      ...{ VIVENU_BASE_URL: vivenu.url, VIVENU_MODE: "any", VIVENU_REGIONS: regions.join(",") },
      ...{ VIVENU_REQUESTS_PER_HOUR: "1000000", VIVENU_REQUESTS_PER_MINUTE: "100000" },
      // As in a launch: what was sold is looked at every minute.
      ...{ CHANGES_INTERVAL: "60", POLL_SCHEDULE: "off" },
      ...Object.fromEntries(
        regions.flatMap((region, account) => [
          [`${region}_API`, `key_of_account_${account}`],
          [`${region}_WEBHOOK_SECRET`, `${WEBHOOK_KEY}-${account}`],
        ]),
      ),
    } as Record<string, string>,
    eventIdOf: (event: number) => vivenu.describe(event)[0]?._id ?? "",
    sell: (event: number) => vivenu.sellTypes(event, CHANGED, Date.now()),
    /** Signed, as Vivenu would send it to whoever listens there. */
    webhook(at: string, event: number, type: "transaction.complete" | "event.updated") {
      const [described] = vivenu.describe(event);
      const id = crypto.randomUUID();
      const now = new Date().toISOString();
      const data =
        type === "event.updated"
          ? { event: { ...described, updatedAt: now, description: id.repeat(200) } }
          : { transaction: { _id: id, eventId: described?._id }, tickets: [] };
      const body = JSON.stringify({ id, type, mode: "dev", data });
      const account = (event % events) % ACCOUNTS;
      const signature = sign(Buffer.from(body), `${WEBHOOK_KEY}-${account}`);
      const headers = { "x-vivenu-signature": signature };
      return fetch(`${at}/webhooks/vivenu/A${account}`, { method: "POST", body, headers });
    },
    async [Symbol.asyncDispose]() {
      vivenu.stop();
      await Promise.all([datacore.stop(), sheets.stop()]);
      for (const sql of [ofDatacore, ofSheets, admin]) await sql.end({ timeout: 5 });
      await server.stop();
    },
  };
}
