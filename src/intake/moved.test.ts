import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { freshDatabase, type TestDatabase } from "../../test/database.ts";
import { modelVivenu } from "../../test/fixtures/vivenu/model.ts";
import {
  clientFor,
  deliveryOf,
  eventJson,
  HOUR,
  handClock,
  hyrox,
  log,
  MEN,
  never,
  pace,
  project,
  readFacts,
  readPayloads,
  receiver,
  SECOND,
} from "../../test/intake.ts";
import { readRows } from "../projections/rows.ts";
import { defaultPolicy } from "../rules/capacity.ts";
import { poller } from "./poller.ts";
import { defaultRunning } from "./running-counts.ts";
import { translator } from "./translate.ts";

const BERLIN = "68f0000000000000000000a1";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  await database.sql`
    truncate outbox, inbox, seller, event_seen, count_seen, ticket_state, running_count, poll_state,
      account_reading, ticket_reading, ticket_reading_page, event, event_version, event_deletion,
      ticket_type, ticket_type_version, under_shop, under_shop_version, event_count,
      ticket_type_count, ticket_type_sales, sales_hour, poll
  `;
});

function stage() {
  const clock = handClock();
  const models = new Map(["DACH", "FRANCE"].map((name) => [name, modelVivenu({ now: clock.now })]));
  const at = (account: string) => models.get(account) ?? modelVivenu({ now: clock.now });
  const { pollAccount } = poller({
    ...{ sql: database.sql, filter: hyrox, pageSize: 10, settleMs: 2 * SECOND, clock, log },
    running: defaultRunning,
  });
  return {
    ...{ clock, at },
    put(account: string, name: string, tickets: number) {
      at(account).putEvent({ ...eventJson(), _id: BERLIN, name });
      for (let i = 0; i < tickets; i += 1) at(account).put({ eventId: BERLIN, ticketTypeId: MEN });
    },
    async poll(account: string, mode: "full" | "changes" = "changes") {
      clock.forward(HOUR);
      const { fetch } = at(account);
      const client = clientFor({
        ...{ baseUrl: "https://vivenu.example.com", region: account, clock, fetch },
      });
      return pollAccount(client, never, { mode });
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
    await database.sql`
      truncate outbox, event_seen, count_seen, ticket_state, running_count, account_reading, event,
        event_version, event_deletion, ticket_type_sales, ticket_type_count, event_count, sales_hour
    `;
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
  await translator({ sql, filter: hyrox, pace, clock, log })();
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
