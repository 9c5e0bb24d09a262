import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { modelVivenu } from "../../../test/fixtures/vivenu/model.ts";
import { freshDatabase, type TestDatabase } from "../../../test/support/database.ts";
import { holding } from "../../../test/support/holding.ts";
import {
  clientFor,
  eventJson,
  HOUR,
  handClock,
  hyrox,
  logger,
  MEN,
  MINUTE,
  never,
  pace,
  readCounts,
  SECOND,
} from "../../../test/support/intake.ts";
import { emptyTables } from "../../../test/support/reused-database.ts";
import type { Sql } from "../../database/connect.ts";
import { defaultIncremental } from "../counting/incremental-settings.ts";
import { poller } from "../polling/poller.ts";
import { recounts } from "../polling/recount-loop.ts";
import { readFailingEvents, readWorryingEvents, retryEvents } from "../store/event-failures.ts";
import { lockCount, lockEvent } from "../store/locks.ts";
import { requestRecounts } from "../store/recount-requests.ts";
import { readUnreadableEvents } from "../store/unreadable-tickets.ts";

const BERLIN = "68f0000000000000000000a1";
const HAMBURG = "68f0000000000000000000a2";
const berlin = (tx: Sql) => lockEvent(tx, "DACH", BERLIN);
const berlinsCount = (tx: Sql) => lockCount(tx, BERLIN);

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  await emptyTables(
    database.sql,
    `
    outbox, seller, event_currency, event_seen, count_seen, count_hint, ticket_state, ticket_unread,
      running_count, poll_state, account_reading, ticket_reading, ticket_reading_page, event_failure
  `,
  );
});

/** So long an event may take where one of them hangs: the others have it too, on a machine that stalls for two seconds. */
const limitMs = 4_000;

/** The events have all the time that they need where none of them hangs. */
function stage({ checkMs = 0, limitMs = 60_000 } = {}) {
  const { sql } = database;
  const totals: string[] = [];
  const vivenu: { down: "up" | "tickets" | "tickets of an event" } = { down: "up" };
  const clock = handClock();
  const model = modelVivenu({ now: clock.now });
  const client = clientFor({
    ...{ baseUrl: "https://vivenu.example.com", clock },
    fetch(address) {
      const { pathname, searchParams } = new URL(address);
      const isOfEvent = searchParams.has("event");
      if (
        pathname === "/api/tickets" &&
        (vivenu.down === "tickets" || (vivenu.down !== "up" && isOfEvent))
      )
        return Promise.resolve(new Response("{}", { status: 502 }));
      // Nobody else asks for one ticket.
      if (pathname === "/api/tickets" && searchParams.get("top") === "1") totals.push(address);
      return model.fetch(address);
    },
  });
  const polling = poller({
    ...{ sql, filter: hyrox, pageSize: 10, cutoffMs: 2 * SECOND, clock, logger },
    incremental: { ...defaultIncremental, checkMs, limitMs },
  });
  for (const [_id, name] of [
    [BERLIN, "HYROX Berlin"],
    [HAMBURG, "HYROX Hamburg"],
  ] as const)
    model.putEvent({ ...eventJson(), _id, name });
  const recountRequests = new Map([["DACH", client]]);
  const serveRecounts = recounts({
    ...{ sql, clients: recountRequests, poller: polling, pace, clock, logger, signal: never },
  });
  return {
    ...{ clock, model, totals, vivenu },
    sell: (eventId: string) => model.put({ eventId, ticketTypeId: MEN }),
    poll(mode: "full" | "changes" = "full") {
      clock.forward(HOUR);
      return polling.pollAccount(client, never, { mode });
    },
    countChanges(ms = MINUTE) {
      clock.forward(ms);
      return polling.countChanges(client, never);
    },
    async requestRecount(...eventIds: string[]) {
      const at = clock.now();
      await requestRecounts(
        sql,
        eventIds.map((eventId) => ({ account: "DACH", eventId, at })),
        { pace },
      );
      clock.forward(pace.debounceMs);
      await serveRecounts();
    },
  };
}

async function sold(eventId: string) {
  const count = (await readCounts(database.sql)).findLast((one) => one.eventId === eventId);
  const number = count?.ticketTypes.reduce((sum, type) => sum + type.sold, 0);
  return count && { sold: number, complete: count.complete };
}

/** What is kept of an event is not what the program expects, whatever made it so. */
async function spoil(eventId: string) {
  const { sql } = database;
  const [kept] = await sql`select description from event_seen where event_id = ${eventId}`;
  await sql`
    update event_seen set description = 'null', digest = 'none' where event_id = ${eventId}
  `;
  return () => sql`
    update event_seen set description = ${kept?.description} where event_id = ${eventId}
  `;
}

const watched = { accounts: ["DACH"], exclude: [], ofEach: 9 };
const named = async (by = watched) =>
  (await readWorryingEvents(database.sql, by)).map(({ id, type, reason }) => [id, type, reason]);

describe("an event that cannot be counted, for the program throws at it,", () => {
  test("keeps no other from being counted, is named, and is counted when it can be", async () => {
    const { sell, poll, countChanges } = stage();
    sell(BERLIN);
    sell(HAMBURG);
    await poll();
    const mend = await spoil(BERLIN);
    sell(BERLIN);
    sell(HAMBURG);
    const counted = await countChanges();
    expect(counted).toMatchObject({ eventIds: [HAMBURG], failed: [BERLIN] });
    expect(await sold(HAMBURG)).toEqual({ sold: 2, complete: true });
    expect(await named()).toEqual([[`event-DACH-${BERLIN}`, "count an event", "TypeError"]]);
    await mend();
    await countChanges();
    expect(await sold(BERLIN)).toEqual({ sold: 2, complete: true });
    expect(await named()).toEqual([]);
  });

  test("is not tried at every look, but by command at once", async () => {
    const { sell, poll, countChanges, clock } = stage();
    sell(BERLIN);
    await poll();
    const mend = await spoil(BERLIN);
    sell(BERLIN);
    for (let look = 0; look < 60; look += 1) await countChanges();
    const [failing] = await readFailingEvents(database.sql);
    expect(failing).toMatchObject({ account: "DACH", failures: 5, state: "failing" });
    await mend();
    await countChanges();
    expect(await sold(BERLIN)).toEqual({ sold: 1, complete: true });
    const id = `event-DACH-${BERLIN}`;
    expect(await retryEvents(database.sql, [id], clock.now())).toEqual(new Set([id]));
    await countChanges();
    expect(await sold(BERLIN)).toEqual({ sold: 2, complete: true });
  });
});

describe("after an outage of Vivenu, however long it was,", () => {
  test("an event that could not be counted in it is counted with the next look at changes", async () => {
    const { sell, poll, countChanges, requestRecount, vivenu, clock } = stage();
    sell(BERLIN);
    await poll();
    sell(BERLIN);
    vivenu.down = "tickets";
    for (let n = 0; n < 6; n += 1) {
      await requestRecount(BERLIN);
      clock.forward(HOUR);
    }
    expect(await readFailingEvents(database.sql)).toMatchObject([{ failures: 6 }]);
    vivenu.down = "up";
    clock.forward(-HOUR);
    await countChanges(SECOND);
    expect(await sold(BERLIN)).toEqual({ sold: 2, complete: true });
    expect(await named()).toEqual([]);
  });

  test("an event that was never counted is counted within ten minutes of looks", async () => {
    const { sell, poll, countChanges, vivenu, model } = stage();
    await poll();
    const _id = "68f0000000000000000000a3";
    model.putEvent({ ...eventJson(), _id, name: "HYROX Bremen" });
    sell(_id);
    vivenu.down = "tickets of an event";
    await poll("changes");
    for (let look = 0; look < 3; look += 1) await countChanges(10 * MINUTE);
    expect(await readFailingEvents(database.sql)).toMatchObject([{ failures: 4 }]);
    vivenu.down = "up";
    await countChanges(10 * MINUTE);
    expect(await sold(_id)).toEqual({ sold: 1, complete: true });
  });
});

test("an event that hangs while it is counted keeps no other from being counted, and is named", async () => {
  const { sell, poll, countChanges } = stage({ limitMs });
  sell(BERLIN);
  sell(HAMBURG);
  await poll();
  await using lock = await holding(database, berlinsCount);
  sell(BERLIN);
  sell(HAMBURG);
  await countChanges();
  expect(await sold(HAMBURG)).toEqual({ sold: 2, complete: true });
  expect(await named()).toEqual([
    [`event-DACH-${BERLIN}`, "count an event", expect.stringMatching(/55P03|57014|took longer/)],
  ]);
  await lock.release();
  await countChanges();
  expect(await sold(BERLIN)).toEqual({ sold: 2, complete: true });
});

describe("a poll", () => {
  test("goes on with the other events where one hangs while it is counted, and says which", async () => {
    const { sell, poll } = stage({ limitMs });
    sell(BERLIN);
    sell(HAMBURG);
    await using lock = await holding(database, berlinsCount);
    const summary = await poll();
    expect(summary.complete).toBe(false);
    expect(summary.failures.map(({ eventId }) => eventId)).toEqual([BERLIN]);
    expect(await sold(HAMBURG)).toEqual({ sold: 1, complete: true });
    await lock.release();
    expect((await poll()).complete).toBe(true);
    expect(await named()).toEqual([]);
  });

  test("goes on with the other events where one hangs while it is described, and says which", async () => {
    const { sell, poll } = stage({ limitMs });
    sell(BERLIN);
    sell(HAMBURG);
    await using lock = await holding(database, berlin);
    const summary = await poll();
    expect(summary.failures.map(({ eventId }) => eventId)).toContain(BERLIN);
    expect(await sold(HAMBURG)).toEqual({ sold: 1, complete: true });
    expect((await named())[0]?.slice(0, 2)).toEqual([`event-DACH-${BERLIN}`, "describe an event"]);
    await lock.release();
    expect((await poll()).complete).toBe(true);
    expect(await sold(BERLIN)).toEqual({ sold: 1, complete: true });
    expect(await named()).toEqual([]);
  });

  test("says of a throw what it was and never its words, for the log keeps it for ever", async () => {
    const { sell, poll } = stage();
    sell(BERLIN);
    sell(HAMBURG);
    await using _refusing = await refusing("event_seen", {
      ...{ when: `new.event_id = '${BERLIN}'`, sqlState: "P0001" },
    });
    const summary = await poll();
    expect(summary.failures).toMatchObject([{ eventId: BERLIN, reason: "PostgreSQL: P0001" }]);
    expect(JSON.stringify(summary)).not.toContain("are content");
    expect(await sold(HAMBURG)).toEqual({ sold: 1, complete: true });
  });
});

/** Stands for whatever nobody foresaw: PostgreSQL refuses some rows of a table. */
async function refusing(table: string, { when, sqlState }: { when: string; sqlState: string }) {
  const { sql } = database;
  await sql.unsafe(`
    create function refuse() returns trigger language plpgsql as $$
    begin
      if ${when} then raise exception 'words that are content' using errcode = '${sqlState}'; end if;
      return new;
    end $$;
    create trigger refuse before insert or update on ${table}
      for each row execute function refuse();
  `);
  return {
    async [Symbol.asyncDispose]() {
      await sql.unsafe(`drop trigger refuse on ${table}; drop function refuse`);
    },
  };
}

const poison = { when: "new.origin = 'poison'" };

describe("a ticket that cannot be kept", () => {
  test.each(["22003", "P0001"])(
    "(%s) costs its event a complete count, and nobody else anything",
    async (sqlState) => {
      const { sell, model, poll, countChanges } = stage();
      sell(BERLIN);
      sell(HAMBURG);
      await poll();
      await using _refusing = await refusing("ticket_state", { ...poison, sqlState });
      for (let n = 0; n < 6; n += 1) sell(BERLIN);
      model.put({ eventId: BERLIN, ticketTypeId: MEN, origin: "poison" });
      sell(HAMBURG);
      await countChanges();
      expect(await sold(HAMBURG)).toEqual({ sold: 2, complete: true });
      expect(await sold(BERLIN)).toEqual({ sold: 7, complete: false });
      expect(await readUnreadableEvents(database.sql, "DACH")).toEqual([BERLIN]);
    },
  );

  test("is set apart by a count of everything as well, and is counted when it can be", async () => {
    const { sell, model, poll } = stage();
    for (let n = 0; n < 6; n += 1) sell(BERLIN);
    model.put({ eventId: BERLIN, ticketTypeId: MEN, origin: "poison" });
    sell(HAMBURG);
    {
      await using _refusing = await refusing("ticket_state", { ...poison, sqlState: "P0001" });
      expect((await poll()).failures.map(({ eventId }) => eventId)).toEqual([BERLIN]);
      expect(await sold(HAMBURG)).toEqual({ sold: 1, complete: true });
      expect(await sold(BERLIN)).toEqual({ sold: 6, complete: false });
    }
    expect((await poll()).complete).toBe(true);
    expect(await sold(BERLIN)).toEqual({ sold: 7, complete: true });
  });
});

test("of the events that webhooks want recounted, one that hangs keeps no other from being counted", async () => {
  const { sell, poll, requestRecount } = stage({ limitMs });
  sell(BERLIN);
  sell(HAMBURG);
  await poll();
  await using _lock = await holding(database, berlin);
  sell(BERLIN);
  sell(HAMBURG);
  await requestRecount(BERLIN, HAMBURG);
  expect(await sold(HAMBURG)).toEqual({ sold: 2, complete: true });
  expect((await named())[0]?.[0]).toBe(`event-DACH-${BERLIN}`);
});

test("an event that nobody reads any more is named no more", async () => {
  const { sell, poll } = stage({ limitMs });
  sell(BERLIN);
  {
    await using _lock = await holding(database, berlinsCount);
    await poll();
  }
  expect(await named()).toHaveLength(1);
  expect(await named({ ...watched, accounts: ["FRANCE"] })).toEqual([]);
  expect(await readWorryingEvents(database.sql, { ...watched, exclude: [BERLIN] })).toHaveLength(0);
  await database.sql`update event_seen set deleted_at = now() where event_id = ${BERLIN}`;
  expect(await named()).toEqual([]);
});

test("an event that is gone is named no more", async () => {
  const { sell, poll, model } = stage({ limitMs });
  sell(BERLIN);
  sell(HAMBURG);
  {
    await using _lock = await holding(database, berlinsCount);
    await poll();
  }
  expect(await named()).toHaveLength(1);
  model.events.delete(BERLIN);
  await poll();
  expect(await named()).toEqual([]);
});

test("an account of which nothing was read yet is read whole, though only its changes are asked for", async () => {
  const { sell, poll } = stage();
  sell(BERLIN);
  expect(await poll("changes")).toMatchObject({ complete: true, failures: [] });
  expect(await sold(BERLIN)).toEqual({ sold: 1, complete: true });
});

test("while the database takes no facts, the look at the changes fails, and no event is to blame", async () => {
  const { sell, poll, countChanges } = stage();
  sell(BERLIN);
  await poll();
  sell(BERLIN);
  const { sql } = database;
  await sql`alter table outbox rename column payload to elsewhere`;
  await expect(countChanges()).rejects.toThrow("payload");
  await sql`alter table outbox rename column elsewhere to payload`;
  expect(await readFailingEvents(sql)).toEqual([]);
  expect(await countChanges()).toMatchObject({ eventIds: [BERLIN], failed: [] });
  expect(await sold(BERLIN)).toEqual({ sold: 2, complete: true });
});

test.each([
  ["once in two hours, where that is wanted", 2 * HOUR, [1, 1, 2]],
  ["never, where nobody wants that", 0, [0, 0, 0]],
])("how many tickets an event has Vivenu is asked %s", async (_, checkMs, asked) => {
  const { sell, poll, requestRecount, clock, totals } = stage({ checkMs });
  sell(BERLIN);
  await poll();
  totals.length = 0;
  const found: number[] = [];
  for (const pauseMs of [0, 40 * MINUTE, 100 * MINUTE]) {
    clock.forward(pauseMs);
    sell(BERLIN);
    await requestRecount(BERLIN);
    found.push(totals.length);
  }
  expect(found).toEqual(asked);
});
