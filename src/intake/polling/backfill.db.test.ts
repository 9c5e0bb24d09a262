import { expect, test } from "bun:test";
import { modelVivenu } from "../../../test/fixtures/vivenu/model.ts";
import {
  clientFor,
  eventJson,
  HOUR,
  handClock,
  hyrox,
  logger,
  MEN,
  MINUTE,
  NOON,
  never,
  readCounts,
  readPayloads,
  SECOND,
} from "../../../test/support/intake.ts";
import { emptiedDatabase, emptyTables } from "../../../test/support/reused-database.ts";
import { defaultIncremental } from "../counting/incremental-settings.ts";
import { backfill } from "./backfill.ts";
import { poller } from "./poller.ts";

const database = emptiedDatabase();

const EVENTS = ["68f0000000000000000000a1", "68f0000000000000000000a2", "68f0000000000000000000a3"];

function stage() {
  const clock = handClock();
  const line = { breakAt: Infinity, requests: 0 };
  const model = modelVivenu({ now: clock.now });
  for (const [index, _id] of EVENTS.entries()) {
    model.putEvent({ ...eventJson(), _id, name: `HYROX ${index}` });
    for (let i = 0; i < 25; i += 1) {
      const createdAt = new Date(NOON.getTime() - (i + 1) * 20 * MINUTE).toISOString();
      model.put({ eventId: _id, ticketTypeId: MEN, createdAt, updatedAt: createdAt });
    }
  }
  const client = clientFor({
    ...{ baseUrl: "https://vivenu.example.com", clock },
    fetch: async (url) => {
      line.requests += 1;
      return line.requests >= line.breakAt ? new Response("", { status: 401 }) : model.fetch(url);
    },
  });
  const parts = {
    ...{ sql: database.sql, filter: hyrox, pageSize: 10, cutoffMs: 2 * SECOND, clock, logger },
  };
  const seen: string[] = [];
  const { backfillAccount } = backfill({
    ...parts,
    onProgress: ({ done, of }) => seen.push(`${done}/${of}`),
  });
  const polling = poller({ ...parts, incremental: defaultIncremental });
  return {
    ...{ clock, line, model, seen },
    run: () => backfillAccount(client, never),
    poll: (mode: "full" | "changes") => polling.pollAccount(client, never, { mode }),
  };
}

const counts = () => readCounts(database.sql);

test("a backfill tells in which hour everything was sold, and that it was told afterwards", async () => {
  const { run, seen } = stage();
  expect(await run()).toMatchObject({ complete: true, events: 3, ticketsRead: 75, failures: [] });
  expect(seen).toEqual(["0/3", "1/3", "2/3", "3/3"]);
  const told = await counts();
  expect(told.map(({ source }) => source)).toEqual(["backfill", "backfill", "backfill"]);
  expect((await readPayloads(database.sql, "event.updated.0")).map(({ source }) => source)).toEqual(
    ["backfill", "backfill", "backfill"],
  );
  const hours = told[0]?.ticketTypes.find(({ ticketTypeId }) => ticketTypeId === MEN)?.newSales;
  expect(Object.values(hours ?? {}).reduce((sum, sold) => sum + sold, 0)).toBe(25);
  expect(Object.keys(hours ?? {}).length).toBeGreaterThan(8);
});

test("a backfill tells it all again where it was told before: the datacore may be a new one", async () => {
  const { clock, poll, run } = stage();
  await poll("full");
  await emptyTables(database.sql, "outbox");
  clock.forward(HOUR);
  expect(await run()).toMatchObject({ complete: true });
  expect(await readPayloads(database.sql, "event.updated.0")).toHaveLength(3);
  const hours = (await counts())[0]?.ticketTypes.find((type) => type.ticketTypeId === MEN);
  expect(Object.values(hours?.newSales ?? {}).reduce((sum, sold) => sum + sold, 0)).toBe(25);
});

test("a backfill that breaks off goes on where it stopped", async () => {
  const uninterrupted = stage();
  await uninterrupted.run();
  const needed = uninterrupted.line.requests;
  for (const breakAt of [3, 6, 9, needed - 1]) {
    await emptyTables(
      database.sql,
      `
    outbox, event_seen, count_seen, ticket_state, running_count, account_reading,
        ticket_reading, ticket_reading_page, backfill_event
    `,
    );
    const { clock, line, run } = stage();
    line.breakAt = breakAt;
    expect(await run()).toMatchObject({ complete: false, failures: [{ eventId: null }] });
    line.breakAt = Infinity;
    clock.forward(MINUTE);
    expect(await run()).toMatchObject({ complete: true });
    const byEvent = Map.groupBy(await counts(), ({ eventId }) => eventId);
    expect([...byEvent.values()].map((facts) => facts.length)).toEqual([1, 1, 1]);
    // The seller and the list of events twice, the page that broke, and one that the rest is cut by.
    expect(line.requests).toBeLessThanOrEqual(needed + 5);
  }
});

test("after a backfill changes are enough", async () => {
  const { clock, line, model, run, poll } = stage();
  await run();
  const facts = (await counts()).length;
  clock.forward(HOUR);
  line.requests = 0;
  expect(await poll("changes")).toMatchObject({ complete: true, requests: 3 });
  expect(await counts()).toHaveLength(facts);
  model.put({ eventId: EVENTS[1] ?? "", ticketTypeId: MEN });
  clock.forward(HOUR);
  await poll("changes");
  expect(await counts()).toHaveLength(facts + 1);
});
