import { pino } from "pino";
import { connect } from "../src/database/connect.ts";
import { migrate } from "../src/database/migrate.ts";
import { defaultIncremental } from "../src/intake/counting/incremental-settings.ts";
import { eventFilter } from "../src/intake/events/event-filter.ts";
import { incrementalLoop } from "../src/intake/polling/incremental-loop.ts";
import { defaultIncrementalPace } from "../src/intake/polling/launch.ts";
import { poller } from "../src/intake/polling/poller.ts";
import { sharedBudget } from "../src/intake/store/request-budget.ts";
import { vivenuClient } from "../src/vivenu/client.ts";
import { modelVivenu } from "../test/fixtures/vivenu/model.ts";
import { raisePostgres } from "./ending.ts";
import { percentile, say } from "./load.ts";

const MINUTE = 60_000;
const EVENT = "68f0000000000000000000a1";
const TYPE = "68f000000000000000000101";
const PER_HOUR = 900;

/**
 * An event that sells 10,000 entries, two ticket records each, in 40 minutes of its own time: how far
 * behind the shown count is at worst, and what it costs. Time goes on by Vivenu's real answer times.
 */
export async function launchBench(entries: number): Promise<void> {
  const server = await raisePostgres();
  const sql = connect(server.url.href, { max: 4 });
  try {
    await migrate(sql);
    const { behind, requests, exact } = await play(sql, entries);
    behind.sort((a, b) => a - b);
    const seconds = (ms: number) => `${(ms / 1_000).toFixed(0)} s`;
    say(`${entries} entries in 40 minutes`);
    say(
      `  behind: median ${seconds(percentile(behind, 0.5))}, at worst ${seconds(behind.at(-1) ?? 0)} (at most 90 s)`,
    );
    say(
      `  ${requests} requests, ${Math.round((requests * 60) / 45)} an hour (at most ${PER_HOUR})`,
    );
    say(`  the last count is ${exact ? "exact" : "NOT exact"}`);
  } finally {
    await sql.end({ timeout: 5 });
    await server.stop();
  }
}

async function play(sql: ReturnType<typeof connect>, entries: number) {
  const opening = Date.UTC(2026, 5, 10, 10);
  let at = opening - 10 * MINUTE;
  let sold = 0;
  const signal = new AbortController().signal;
  const logger = pino({ level: "silent" });
  const clock = {
    now: () => new Date(at),
    async pause(ms: number) {
      goOn(ms);
    },
  };
  const model = modelVivenu({ now: clock.now, order: "newest" });

  /** Half is sold in the first eight minutes. */
  function goOn(ms: number) {
    const end = at + ms;
    while (at < end) {
      at = Math.min(end, at + 1_000);
      const part = Math.min(1, Math.max(0, (at - opening) / (40 * MINUTE)));
      const due = Math.round(entries * part ** 0.43);
      for (; sold < due; sold += 1) {
        model.put({ eventId: EVENT, ticketTypeId: TYPE });
        model.put({ eventId: EVENT, ticketTypeId: TYPE, triggeredBy: ["cart"], realPrice: 0 });
      }
    }
  }

  model.putEvent({
    ...{ _id: EVENT, name: "HYROX Bench", start: "2026-11-01T08:00:00.000Z" },
    ...{ end: "2026-11-02T20:00:00.000Z", sellStart: new Date(opening).toISOString() },
    tickets: [{ _id: TYPE, name: "HYROX MEN", price: 99, amount: entries * 2, active: true }],
  });
  const clientOf = (account: string, priority: "launch" | "recount" | "nightly") =>
    vivenuClient({
      ...{ baseUrl: "https://vivenu.example.com", apiKey: "key", region: account, clock, logger },
      budget: sharedBudget({ sql, account, perHour: PER_HOUR, perMinute: 100, clock, priority }),
      fetch: async (url) => {
        const answer = await model.fetch(url);
        const { rows } = (await answer.clone().json()) as { rows?: unknown[] };
        goOn(700 + 2 * (rows?.length ?? 0));
        return answer;
      },
    });
  const filter = eventFilter({ name: "hyrox", include: [], exclude: [] });
  const polling = poller({
    ...{
      sql,
      filter,
      pageSize: 1_000,
      cutoffMs: 2_000,
      clock,
      logger,
      incremental: defaultIncremental,
    },
  });
  await polling.pollAccount(clientOf("DACH", "nightly"), signal);
  const { step, ended } = incrementalLoop({
    ...{ sql, accounts: ["DACH"], clientOf, poller: polling, pace: defaultIncrementalPace },
    ...{ filter, clock, logger, signal },
  });
  const behind: number[] = [];
  const requestsBefore = model.urls.length;
  let shown = await readShown(sql);
  while (at < opening + 45 * MINUTE) {
    await step();
    await ended();
    const next = await readShown(sql);
    if (next > shown) {
      // Just before this count was there, the one before it was shown.
      if (shown >= opening) behind.push(at - shown);
      shown = next;
    }
    goOn(1_000);
  }
  const [row] = await sql<{ sold: number }[]>`
    select (ticket_types -> 0 ->> 'sold')::int as sold from count_seen
  `;
  return { behind, requests: model.urls.length - requestsBefore, exact: row?.sold === 2 * entries };
}

async function readShown(sql: ReturnType<typeof connect>): Promise<number> {
  const [row] = await sql<{ countedAt: Date }[]>`select counted_at from count_seen`;
  return row?.countedAt.getTime() ?? 0;
}
