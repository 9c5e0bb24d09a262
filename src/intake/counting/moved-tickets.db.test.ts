import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { GARBLED } from "../../../test/fixtures/vivenu/histories.ts";
import { modelVivenu } from "../../../test/fixtures/vivenu/model.ts";
import type { TestDatabase } from "../../../test/support/database.ts";
import { emptyRows } from "../../../test/support/given.ts";
import {
  clientFor,
  deliveryOf,
  eventJson,
  HOUR,
  handClock,
  hyrox,
  logger,
  MEN,
  MINUTE,
  never,
  pace,
  project,
  readCounts,
  readFacts,
  readPayloads,
  receiver,
  SECOND,
  WOMEN,
} from "../../../test/support/intake.ts";
import { emptyTables, reusedDatabase } from "../../../test/support/reused-database.ts";
import { readRows } from "../../projections/queries/rows.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { Ticket } from "../../vivenu/wire.ts";
import { eventFilter } from "../events/event-filter.ts";
import { poller } from "../polling/poller.ts";
import { translator } from "../webhooks/translate.ts";
import { applyFullReading, countKept } from "./incremental-count.ts";
import { defaultIncremental } from "./incremental-settings.ts";

const BERLIN = "68f0000000000000000000a1";
const HAMBURG = "68f0000000000000000000a2";
const LYON = "68f0000000000000000000a3";
const GIFTS = "68f0000000000000000000ff";

let database: TestDatabase;
beforeAll(async () => {
  database = await reusedDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(forget);

async function forget() {
  await emptyTables(
    database.sql,
    `
    outbox, inbox, seller, event_currency, event_seen, count_seen, ticket_state, running_count, poll_state,
      account_reading, ticket_unread, ticket_reading, ticket_reading_page
  `,
  );
  await emptyRows(database.sql);
}

function stage({ filter = hyrox } = {}) {
  const clock = handClock();
  const models = new Map(
    ["DACH", "FRANCE"].map((name) => [name, modelVivenu({ now: clock.now, idPrefix: name })]),
  );
  const at = (account: string) => models.get(account) ?? modelVivenu({ now: clock.now });
  const { pollAccount, countChanges, pollEvent } = poller({
    ...{ sql: database.sql, filter, pageSize: 10, cutoffMs: 2 * SECOND, clock, logger },
    incremental: defaultIncremental,
  });
  const clientOf = (account: string) => {
    const { fetch } = at(account);
    return clientFor({
      ...{ baseUrl: "https://vivenu.example.com", region: account, clock, fetch },
    });
  };
  return {
    ...{ clock, at },
    put(account: string, name: string, tickets: number, eventId = BERLIN) {
      at(account).putEvent({ ...eventJson(), _id: eventId, name });
      for (let i = 0; i < tickets; i += 1) at(account).put({ eventId, ticketTypeId: MEN });
    },
    /** The ticket keeps its id. */
    move(from: string, to: string, changes: { eventId: string }) {
      const [ticket] = at(from).tickets.values();
      if (!ticket) throw new Error("there is none");
      const moved = { ...ticket, ...changes, updatedAt: clock.forward(MINUTE).toISOString() };
      at(from).tickets.delete(ticket._id);
      at(to).tickets.set(ticket._id, moved);
      return moved;
    },
    async poll(account: string, mode: "full" | "changes" = "changes") {
      clock.forward(HOUR);
      return pollAccount(clientOf(account), never, { mode });
    },
    async countChanges(account: string) {
      clock.forward(HOUR);
      return countChanges(clientOf(account), never);
    },
    async recount(account: string, eventId: string) {
      clock.forward(HOUR);
      return pollEvent(clientOf(account), eventId, never);
    },
    /** What each event sold, by its newest fact. */
    async sold() {
      await project(database.sql, await readFacts(database.sql));
      const rows = await readRows(database.sql, { now: clock.now(), policy: defaultPolicy });
      return Object.fromEntries(
        rows.events.map(({ eventName, totalSold, countComplete }) => [
          eventName,
          countComplete ? totalSold : null,
        ]),
      );
    },
    async shown() {
      await project(database.sql, await readFacts(database.sql));
      const { events } = await readRows(database.sql, { now: clock.now(), policy: defaultPolicy });
      return events.map(({ status, region, totalSold, eventName }) => ({
        ...{ name: eventName, region, totalSold, gone: status === "CANCELLED" },
      }));
    },
  };
}

test("an event that moves to another account is that account's, and not gone", async () => {
  for (const order of [
    ["DACH", "FRANCE"],
    ["FRANCE", "DACH"],
  ]) {
    await emptyTables(
      database.sql,
      `
    outbox, event_seen, count_seen, ticket_state, running_count, account_reading
    `,
    );
    await emptyRows(database.sql);
    const { at, put, poll, shown } = stage();
    put("DACH", "HYROX Berlin", 3);
    await poll("DACH");
    await poll("FRANCE");
    at("DACH").deleteEvent(BERLIN);
    put("FRANCE", "HYROX Berlin", 5);
    for (const account of order) await poll(account);
    expect(await shown()).toEqual([
      { name: "HYROX Berlin", region: "FRANCE", totalSold: 5, gone: false },
    ]);
  }
});

test("an event that two accounts list is counted once, and is the other's when one has lost it", async () => {
  for (const [lost, kept] of [
    ["DACH", "FRANCE"],
    ["FRANCE", "DACH"],
  ] as const) {
    await forget();
    const { at, put, poll, shown } = stage();
    put("DACH", "HYROX Berlin", 3);
    await poll("DACH");
    at("FRANCE").putEvent({ ...at("DACH").events.get(BERLIN), _id: BERLIN, name: "HYROX Berlin" });
    for (const [id, ticket] of at("DACH").tickets) at("FRANCE").tickets.set(id, ticket);
    for (const account of ["FRANCE", "DACH", "FRANCE"]) {
      await poll(account);
      expect(await shown()).toMatchObject([{ totalSold: 3, gone: false }]);
    }
    at(lost).deleteEvent(BERLIN);
    for (const account of [lost, kept]) {
      await poll(account);
      expect(await shown()).toEqual([
        { name: "HYROX Berlin", region: kept, totalSold: 3, gone: false },
      ]);
    }
    at(kept).deleteEvent(BERLIN);
    await poll(kept);
    expect(await shown()).toMatchObject([{ region: kept, gone: true }]);
  }
});

test("an event that moved while a program from before ran is gone when its new account has lost it", async () => {
  const { sql } = database;
  const { at, put, poll, shown } = stage();
  put("DACH", "HYROX Berlin", 3);
  await poll("DACH");
  at("DACH").deleteEvent(BERLIN);
  put("FRANCE", "HYROX Berlin", 5);
  await poll("FRANCE");
  // It kept that, and said nothing.
  await sql`update event_seen set deleted_at = observed_at where account = 'DACH'`;
  await poll("DACH");
  expect(await shown()).toMatchObject([{ region: "FRANCE", gone: false }]);
  at("FRANCE").deleteEvent(BERLIN);
  await poll("FRANCE");
  expect(await shown()).toMatchObject([{ region: "FRANCE", gone: true }]);
});

test("an event that is renamed goes on being watched, by poll and by webhook", async () => {
  const { clock, at, put, poll, shown } = stage();
  put("DACH", "HYROX Berlin", 3);
  await poll("DACH");
  at("DACH").putEvent({ ...at("DACH").events.get(BERLIN), _id: BERLIN, name: "Race Berlin" });
  at("DACH").put({ eventId: BERLIN, ticketTypeId: MEN });
  await poll("DACH");
  expect(await shown()).toMatchObject([{ name: "Race Berlin", totalSold: 4 }]);

  clock.forward(HOUR);
  const { sql } = database;
  const renamed = { ...eventJson(), _id: BERLIN, name: "Run Berlin" };
  const body = deliveryOf("event.updated", {
    event: { ...renamed, updatedAt: clock.now().toISOString() },
  });
  await receiver({ sql, clock }).send(body);
  await translator({ sql, filter: hyrox, pace, clock, logger })();
  const names = (await readPayloads(sql, "event.updated.0")).map(({ name }) => name);
  expect(names).toEqual(["HYROX Berlin", "Race Berlin", "Run Berlin"]);
});

test("an event that vanished is looked for once and told gone once", async () => {
  const { at, put, poll } = stage();
  put("DACH", "HYROX Berlin", 3);
  await poll("DACH");
  at("DACH").deleteEvent(BERLIN);
  await poll("DACH");
  await poll("DACH");
  expect(await readPayloads(database.sql, "event.deleted.0")).toHaveLength(1);
  expect(await poll("DACH")).toMatchObject({ complete: true, requests: 3 });
  const [kept] = await database.sql`select count(*)::int as tickets from ticket_state`;
  expect(kept?.tickets).toBe(0);
});

describe("a ticket that keeps its id", () => {
  test("and moves to another event is counted there only, by what changed and by a full poll", async () => {
    for (const mode of ["changes", "full"] as const) {
      await forget();
      const { put, poll, countChanges, move, sold } = stage();
      put("DACH", "HYROX Berlin", 3);
      put("DACH", "HYROX Hamburg", 2, HAMBURG);
      await poll("DACH", "full");
      expect(await sold()).toEqual({ "HYROX Berlin": 3, "HYROX Hamburg": 2 });
      move("DACH", "DACH", { eventId: HAMBURG });
      if (mode === "full") await poll("DACH", "full");
      else await countChanges("DACH");
      expect(await sold()).toEqual({ "HYROX Berlin": 2, "HYROX Hamburg": 3 });
    }
  });

  test("and moves to an event that is not watched, or excluded, is counted nowhere", async () => {
    for (const exclude of [[], [HAMBURG]]) {
      await forget();
      const { put, poll, countChanges, move, sold } = stage({
        filter: eventFilter({ name: "hyrox", include: [], exclude }),
      });
      put("DACH", "HYROX Berlin", 3);
      put("DACH", "Gift cards", 1, GIFTS);
      put("DACH", "HYROX Hamburg", 1, HAMBURG);
      await poll("DACH");
      move("DACH", "DACH", { eventId: exclude[0] ?? GIFTS });
      await countChanges("DACH");
      expect(await sold()).toMatchObject({ "HYROX Berlin": 2 });
    }
  });

  test("and moves to another account's event is that one's", async () => {
    const { put, poll, countChanges, move, sold } = stage();
    put("DACH", "HYROX Berlin", 3);
    put("FRANCE", "HYROX Lyon", 1, LYON);
    for (const account of ["DACH", "FRANCE"]) await poll(account);
    move("DACH", "FRANCE", { eventId: LYON });
    await countChanges("FRANCE");
    expect(await sold()).toEqual({ "HYROX Berlin": 2, "HYROX Lyon": 2 });
    await countChanges("DACH");
    expect(await sold()).toEqual({ "HYROX Berlin": 2, "HYROX Lyon": 2 });
  });

  test("and moves to an event that is counted for the first time has the other counted again", async () => {
    const { at, put, poll, recount, move, sold } = stage();
    put("DACH", "HYROX Berlin", 3);
    await poll("DACH");
    at("DACH").putEvent({ ...eventJson(), _id: HAMBURG, name: "HYROX Hamburg" });
    move("DACH", "DACH", { eventId: HAMBURG });
    await recount("DACH", HAMBURG);
    expect(await sold()).toEqual({ "HYROX Berlin": 2, "HYROX Hamburg": 1 });
  });

  test("and moves to another ticket type is counted as that one, in the hour it was sold in", async () => {
    const { at, put, poll, countChanges, move } = stage();
    put("DACH", "HYROX Berlin", 3);
    await poll("DACH");
    const { _id } = move("DACH", "DACH", { eventId: BERLIN });
    at("DACH").change(_id, { ticketTypeId: WOMEN });
    await countChanges("DACH");
    const [count] = (await readCounts(database.sql)).slice(-1);
    const typeOf = (id: string) => count?.ticketTypes.find((type) => type.ticketTypeId === id);
    expect(typeOf(MEN)).toMatchObject({ sold: 2, newSales: { "2026-11-18T12": 2 } });
    expect(typeOf(WOMEN)).toMatchObject({ sold: 1, newSales: { "2026-11-18T12": 1 } });
  });

  test("is not brought back by a reading that was begun before it moved", async () => {
    const { clock, put, poll, countChanges, move, sold, at } = stage();
    put("DACH", "HYROX Berlin", 3);
    put("DACH", "HYROX Hamburg", 2, HAMBURG);
    await poll("DACH");
    const until = clock.now();
    const tickets = [...at("DACH").tickets.values()]
      .filter(({ eventId }) => eventId === BERLIN)
      .map((ticket) => Ticket.parse(ticket));
    move("DACH", "DACH", { eventId: HAMBURG });
    await countChanges("DACH");
    const reading = { account: "DACH", eventId: BERLIN, until, tickets, malformed: [] };
    await database.sql.begin(async (tx) => {
      const applied = await applyFullReading(tx, reading);
      expect(applied).toEqual({ differences: [], left: [], wrongClocks: [] });
      await countKept(tx, { account: "DACH", eventId: BERLIN, at: until });
    });
    expect(await sold()).toEqual({ "HYROX Berlin": 2, "HYROX Hamburg": 3 });
  });

  test("and is in another event's list as well stays where it says that it is", async () => {
    const { at, put, poll, sold } = stage();
    put("DACH", "HYROX Hamburg", 2, HAMBURG);
    put("DACH", "HYROX Berlin", 3);
    await poll("DACH");
    const [stranger] = at("DACH").tickets.values();
    const honest = at("DACH").fetch;
    at("DACH").fetch = async (address) => {
      const response = await honest(address);
      if (new URL(address).searchParams.get("event") !== BERLIN) return response;
      const { rows, total } = (await response.json()) as { rows: object[]; total: number };
      return Response.json({ rows: [...rows, stranger], total: total + 1 });
    };
    await poll("DACH", "full");
    expect(await sold()).toEqual({ "HYROX Berlin": null, "HYROX Hamburg": 2 });
    at("DACH").fetch = honest;
    await poll("DACH", "full");
    expect(await sold()).toEqual({ "HYROX Berlin": 3, "HYROX Hamburg": 2 });
  });

  test("and cannot be read where it is now makes only that count incomplete", async () => {
    const { at, put, poll, countChanges, move, sold } = stage();
    put("DACH", "HYROX Berlin", 3);
    put("DACH", "HYROX Hamburg", 2, HAMBURG);
    await poll("DACH");
    const { _id } = move("DACH", "DACH", { eventId: HAMBURG });
    at("DACH").change(_id, { status: GARBLED });
    await countChanges("DACH");
    expect(await sold()).toEqual({ "HYROX Berlin": 2, "HYROX Hamburg": null });
    at("DACH").change(_id, { status: "VALID", eventId: BERLIN });
    await countChanges("DACH");
    expect(await sold()).toEqual({ "HYROX Berlin": 3, "HYROX Hamburg": 2 });
  });
});
