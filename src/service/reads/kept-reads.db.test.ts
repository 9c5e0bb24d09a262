import { expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { eventUpdated, salesCounted, typeCount } from "../../../test/support/facts.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { usableEnvironment } from "../../../test/support/usable-environment.ts";
import { narrowed } from "../../api/narrowed-reads.ts";
import type { Caller } from "../../api/request/callers.ts";
import { readFor } from "../../api/request/read-for.ts";
import { loadConfig } from "../../config/config.ts";
import { eventFaults } from "../status/event-faults.ts";
import { failingLoops } from "../status/failing.ts";
import { buildReads } from "./reads.ts";

const NOW = new Date("2026-02-20T00:00:00.000Z");
const clock = { now: () => NOW, pause: async () => {} };
const config = loadConfig(usableEnvironment);

const season = [
  ["DACH", "berlin"],
  ["DACH", "wien"],
  ["FRANCE", "paris"],
] as const;

const of = (name: string, more: Partial<Caller> = {}): Caller => ({
  name,
  isAdmin: false,
  ...more,
});

test("views are kept by what whoever looks may see: two partners in turn have each its own, and nobody another's", async () => {
  const { sql } = await reusedDatabase();
  for (const [account, eventId] of season)
    await applyKept(sql, [
      eventUpdated({
        ...{ eventId, account, sellStart: "2026-02-10T11:00:00.000Z" },
        ...{ observedAt: "2026-02-01T10:00:01.000Z", updatedAt: "2026-02-01T10:00:00.000Z" },
      }),
      salesCounted({
        ...{ eventId, account, countedAt: "2026-02-11T10:00:00.000Z" },
        ticketTypes: [typeCount({ sold: 100, newSales: { "2026-02-11T09": 100 } })],
      }),
    ]);
  const { logger } = recordingLog();
  const context = { config, sql, clock, logger, version: "1.2.3" };
  const reads = buildReads({
    ...context,
    faults: eventFaults(context),
    failing: failingLoops(sql),
  });
  const readStatus = () => Promise.reject(new Error("nobody asks"));
  const views = narrowed({ ...reads, ...reads.forViews, readStatus });
  const limit = 50;
  const seenBy = (caller: Caller) =>
    readFor(caller, async () => {
      const { rows } = await views.lists.events({ limit });
      const launches = await views.readLaunches({ limit, from: new Date(0) });
      const changes = await views.readChanges({ limit });
      const summary = await views.readSummary({});
      return {
        events: rows.map(({ eventId }) => eventId).sort(),
        launches: launches.rows.map(({ eventId }) => eventId).sort(),
        changes: [...new Set(changes.rows.map(({ eventId }) => eventId))].sort(),
        summed: summary.reduce((sum, { events }) => sum + events, 0),
        accounts: (await views.readAccounts()).map(({ region }) => region),
      };
    });
  const sees = (events: string[], accounts: string[]) => ({
    ...{ events, launches: events, changes: events, summed: events.length, accounts },
  });
  const everybody: [Caller, ReturnType<typeof sees>][] = [
    [of("all"), sees(["berlin", "paris", "wien"], ["DACH"])],
    [of("dach", { accounts: ["DACH"] }), sees(["berlin", "wien"], ["DACH"])],
    [of("france", { accounts: ["FRANCE"] }), sees(["paris"], [])],
    [of("wien", { events: ["wien"] }), sees(["wien"], [])],
    [of("nobody", { accounts: ["ITALY"] }), sees([], [])],
  ];
  for (const [caller, own] of [...everybody, ...everybody.toReversed()])
    expect([caller.name, await seenBy(caller)]).toEqual([caller.name, own]);
});
