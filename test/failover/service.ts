import { applyManifest } from "../../src/commands/datacore.ts";

import { loadConfig } from "../../src/config/config.ts";
import { connect } from "../../src/database/connect.ts";
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import { createLogger } from "../../src/lib/logger.ts";
import { sign } from "../../src/vivenu/signature.ts";
import { freshDatabase } from "../support/database.ts";
import { API_KEY, playOutside } from "../support/outside.ts";
import { serveTogether } from "../support/together.ts";

/** Real time, which a test can set ahead; whoever pauses does so in real time. */
export function shiftedClock() {
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + aheadMs) };
  return {
    ...clock,
    forward(ms: number) {
      aheadMs += ms;
    },
  };
}

/** One service in this process, no sheet, on a clock of the test's; its database may be reached another way. */
export async function raiseService(
  clock: Clock,
  more: Record<string, string> = {},
  addressOf = (databaseUrl: string) => databaseUrl,
) {
  const database = await freshDatabase();
  const databaseUrl = addressOf(database.url);
  const outside = await playOutside({ season: "small", port: 1, now: clock.now });
  const { GOOGLE_SHEET_ID, GOOGLE_PRIVATE_KEY, GOOGLE_SERVICE_ACCOUNT_EMAIL, ...environment } =
    outside.environment;
  const all: Record<string, string> = {
    ...environment,
    ...Object.fromEntries(
      outside.vivenu.accounts.map(({ region, sellerId }) => [`${region}_SELLER_ID`, sellerId]),
    ),
    ...{ DATABASE_URL: databaseUrl, PORT: "0", HOST: "127.0.0.1", POLL_INTERVAL: "0.2" },
    ...{ SHUTDOWN_DRAIN: "0", ...more },
  };
  const config = loadConfig(all);
  await applyManifest(config);
  const lines: string[] = [];
  const logger = createLogger("info", { write: (line) => void lines.push(line) });

  async function start(settings: Record<string, string> = {}) {
    const stop = new AbortController();
    const { limitMs } = config.database;
    const sql = connect(databaseUrl, { max: 20, limitMs });
    const listening = Promise.withResolvers<number>();
    const serving = serveTogether(
      {
        ...{
          config: loadConfig({ ...all, ...settings }),
          sql,
          clock,
          logger,
          version: "0",
          pollOnStart: false,
        },
        onListening: listening.resolve,
      },
      stop.signal,
    );
    const port = await Promise.race([listening.promise, serving.then(() => 0)]);
    const at = `http://127.0.0.1:${port}`;
    const get = (path: string) => fetch(`${at}${path}`, { headers: { "x-api-key": API_KEY } });
    return {
      get,
      async status() {
        const answer = await get("/status");
        return (await answer.json()) as {
          problems: string[];
          outbox: { waiting: number; oldestWaitingAt: string | null };
          setAside: number;
        };
      },
      async metric(name: string) {
        const text = await (await get("/metrics")).text();
        const line = text.split("\n").find((one) => one.startsWith(`vivenu_event_monitor_${name}`));
        return Number(line?.split(" ").at(-1));
      },
      /** An `event.updated` of an event that the account has; the status of the answer. */
      async webhook(event: object) {
        const [account] = outside.vivenu.accounts;
        if (!account) throw new Error("the played Vivenu has no accounts");
        const { region, hmacKey, sellerId } = account;
        const delivery = {
          ...{ id: crypto.randomUUID(), sellerId, type: "event.updated", mode: "dev" },
          data: { event: { ...event, updatedAt: clock.now().toISOString() } },
        };
        const body = new TextEncoder().encode(JSON.stringify(delivery));
        const headers = { "x-vivenu-signature": sign(body, hmacKey) };
        const url = `${at}/webhooks/vivenu/${region}`;
        return (await fetch(url, { method: "POST", body, headers })).status;
      },
      async stop() {
        stop.abort();
        await serving;
        await sql.end({ timeout: 2 });
      },
    };
  }

  return {
    ...{ database, outside, config, environment: all, lines, start },
    sql: database.sql,
    /** The first account's events as Vivenu has them. */
    async events() {
      const [account] = outside.vivenu.accounts;
      const answer = await fetch(`${outside.vivenu.url}/api/events?top=100&skip=0`, {
        headers: { authorization: `Bearer ${account?.apiKey}` },
      });
      return ((await answer.json()) as { rows: { _id: string; name: string }[] }).rows;
    },
    async [Symbol.asyncDispose]() {
      await outside[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}
