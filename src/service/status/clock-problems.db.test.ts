import { expect, test } from "bun:test";
import { modelVivenu } from "../../../test/fixtures/vivenu/model.ts";
import {
  clientFor,
  EVENT_ID,
  eventJson,
  HOUR,
  handClock,
  hyrox,
  MEN,
  MINUTE,
  never,
  project,
  readFacts,
} from "../../../test/support/intake.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { usableEnvironment } from "../../../test/support/usable-environment.ts";
import { loadConfig } from "../../config/config.ts";
import { defaultIncremental } from "../../intake/counting/incremental-settings.ts";
import { poller } from "../../intake/polling/poller.ts";
import { createLogger } from "../../lib/logger.ts";
import { readRows } from "../../projections/queries/rows.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { unreadableProblem } from "./clock-problems.ts";
import { statusReader } from "./status.ts";

const AHEAD = "2031-01-01T00:00:00.000Z";

const config = loadConfig(usableEnvironment);

async function stage(onRequest: (number: number, url: URL) => void = () => {}) {
  const { sql } = await reusedDatabase();
  const clock = handClock();
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger("warn", { write: (line) => void lines.push(JSON.parse(line)) });
  const model = modelVivenu({ now: clock.now, onRequest });
  const { pollAccount } = poller({
    ...{ sql, filter: hyrox, pageSize: 10, cutoffMs: 2_000, clock, logger },
    incremental: defaultIncremental,
  });
  const client = clientFor({ baseUrl: "https://vivenu.example.com", clock, fetch: model.fetch });
  const readStatus = statusReader({
    ...{ sql, config, clock, logger, version: "1.2.3", mirror: () => null },
    failing: { read: async () => [] },
  });
  return {
    ...{ sql, clock, model },
    async poll(mode: "full" | "changes" = "full") {
      clock.forward(HOUR);
      await pollAccount(client, never, { mode });
      await project(sql, await readFacts(sql));
    },
    told: () => lines.filter(({ event }) => /clock_wrong/.test(String(event))),
    problems: async () => (await readStatus()).problems.filter((problem) => /clock/.test(problem)),
    sold: async () =>
      (await readRows(sql, { now: clock.now(), policy: defaultPolicy })).events[0]?.totalSold,
  };
}

test("an event and tickets whose clock is years ahead are told of once, counted, and named while it is so", async () => {
  const { model, poll, told, problems, sold } = await stage();
  const name = "HYROX Berlin";
  const say = (updatedAt: string) =>
    model.events.set(EVENT_ID, {
      ...{ ...eventJson(), _id: EVENT_ID, name, updatedAt },
      createdAt: "2026-01-01T00:00:00.000Z",
    });
  say(AHEAD);
  const one = model.put({ eventId: EVENT_ID, ticketTypeId: MEN, updatedAt: AHEAD });
  model.put({ eventId: EVENT_ID, ticketTypeId: MEN, updatedAt: AHEAD });
  model.put({ eventId: EVENT_ID, ticketTypeId: MEN });
  for (const mode of ["full", "full", "changes", "full"] as const) await poll(mode);
  expect(told().map(({ event, account, tickets }) => [event, account, tickets])).toEqual([
    ["event.clock_wrong", "DACH", undefined],
    ["ticket.clock_wrong", "DACH", 2],
  ]);
  expect(await sold()).toBe(3);
  expect(await problems()).toEqual([
    `DACH: the clock behind ${name} (${EVENT_ID}) is wrong: it was changed, it says, at a time that cannot be; when it was observed counts instead.`,
    `DACH: the clock behind 2 tickets of ${name} (${EVENT_ID}) is wrong: they were changed, it says, at a time that cannot be; what becomes of them is seen at the next full count.`,
  ]);
  // What becomes of such a ticket is seen by the next full count, as it says.
  one.status = "INVALID";
  await poll();
  expect(await sold()).toBe(2);
  for (const ticket of model.tickets.values()) ticket.updatedAt = ticket.createdAt;
  say("2026-11-01T00:00:00.000Z");
  await poll();
  expect(await problems()).toEqual([]);
  expect(told()).toHaveLength(2);
});

test("a ticket that changes while a long reading is under way has no wrong clock", async () => {
  let pages = 0;
  const it = await stage((_, url) => {
    if (url.searchParams.get("event") !== EVENT_ID) return;
    pages += 1;
    it.clock.forward(20 * MINUTE);
    const last = [...it.model.tickets.keys()].at(-1);
    if (pages === 2 && last) it.model.change(last, { status: "INVALID" });
  });
  it.model.putEvent({ ...eventJson(), _id: EVENT_ID, name: "HYROX Berlin" });
  for (let n = 0; n < 40; n += 1) {
    it.clock.forward(MINUTE);
    it.model.put({ eventId: EVENT_ID, ticketTypeId: MEN });
  }
  await it.poll();
  expect(pages).toBeGreaterThan(2);
  expect(await it.sold()).toBe(39);
  expect(it.told()).toEqual([]);
  expect(await it.problems()).toEqual([]);
});

test("a part of an event that cannot be read is told apart from a date that cannot be", () => {
  const event = { account: "DACH", eventId: "e1", name: "HYROX Berlin" };
  const said = (unreadable: string[]) => unreadableProblem({ ...event, unreadable }).text;
  expect(said(["categories[]", "maxAmount"])).toBe(
    "DACH: Vivenu says categories[], maxAmount of HYROX Berlin (e1) in a way that cannot be read; that part is left out, and the event's numbers are without it, until Vivenu says it well.",
  );
  expect(said(["sellStart"])).toBe(
    "DACH: Vivenu says sellStart of HYROX Berlin (e1) as a date that it cannot have; it is taken for none until Vivenu says another.",
  );
  expect(said(["sellStart", "underShops[].maxAmount", "updatedAt"]).split("DACH: ")).toHaveLength(
    4,
  );
});
