import { expect, test } from "bun:test";
import { fakeClock, recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { until } from "../../../test/support/stage.ts";
import { usableEnvironment } from "../../../test/support/usable-environment.ts";
import { loadConfig } from "../../config/config.ts";
import type { Pool } from "../../database/connect.ts";
import { systemClock } from "../../lib/clock.ts";
import { readsFirst } from "../../projections/rebuild/reads-first.ts";
import { startReads } from "./reads-server.ts";

/** The process that reads, in this one. */
async function startedReads(sql: Pool, signal: AbortSignal) {
  let port = 0;
  const { logger, lines } = recordingLog();
  const { ended } = await startReads(
    {
      ...{ sql, logger, clock: systemClock, version: "1.2.3" },
      config: loadConfig(usableEnvironment),
      parent: {
        send(message) {
          if (message.say === "listening") port = message.port;
        },
        onMessage: () => {},
        onGone: () => {},
      },
    },
    signal,
  );
  return { ended, port, lines };
}

test("the process that reads looks at its views before anybody asks, and ends behind a look that is under way", async () => {
  const { sql } = await reusedDatabase();
  const ending = new AbortController();
  const isLookedAt = async () => {
    const waiting = await sql`
      select from pg_locks where relation = 'event_change'::regclass and not granted
    `;
    return waiting.length > 0;
  };
  let isOver = false;
  const { ended, lines } = await sql.begin(async (tx) => {
    await tx`lock table event_change in access exclusive mode`;
    const reads = await startedReads(sql, ending.signal);
    await until(isLookedAt, { withinMs: 10_000, what: "somebody who reads the changes" });
    ending.abort();
    const over = reads.ended.then(() => {
      isOver = true;
    });
    // It would be over by the end of a statement, where it waited for nothing.
    await sql`select 1`;
    await sql`select 1`;
    expect(isOver).toBe(false);
    return { ended: over, lines: reads.lines };
  });
  await ended;
  expect(lines.filter((line) => line.includes("request.failed"))).toEqual([]);
});

test("a replay gives way to whoever asks the process that reads", async () => {
  const { sql } = await reusedDatabase();
  const ending = new AbortController();
  const { ended, port } = await startedReads(sql, ending.signal);
  const clock = fakeClock();
  await using turns = await readsFirst(sql, { clock, signal: ending.signal });
  const page = () => turns.turn(() => clock.pause(100));
  await page();
  expect(clock.pauses).toEqual([100]);
  await fetch(`http://127.0.0.1:${port}/api/events`);
  const rests = async () => {
    await page();
    return clock.pauses.includes(300);
  };
  await until(rests, { withinMs: 5_000, what: "a replay that rests" });
  ending.abort();
  await ended;
});
