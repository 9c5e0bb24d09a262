import { describe, expect, test } from "bun:test";
import { modelVivenu } from "../../../test/fixtures/vivenu/model.ts";
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
  readFacts,
  readPayloads,
  receiver,
  SECOND,
} from "../../../test/support/intake.ts";
import { emptiedDatabase, emptyTables } from "../../../test/support/reused-database.ts";
import { readRows } from "../../projections/queries/rows.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { defaultIncremental } from "../counting/incremental-settings.ts";
import { poller } from "../polling/poller.ts";
import { readCurrencyNotes } from "../store/event-currencies.ts";
import { translator } from "../webhooks/translate.ts";

const SYDNEY = "68f0000000000000000000a1";
const AUCKLAND = "68f0000000000000000000a2";
const SEOUL = "68f0000000000000000000a3";
const PERTH = "68f0000000000000000000a4";

const database = emptiedDatabase();

/** An account whose owner has Australian dollars; each ticket type of an event costs the same. */
function stage(sellerCurrency = "AUD") {
  const clock = handClock();
  const model = modelVivenu({ now: clock.now, sellerCurrency });
  const { sql } = database;
  const { pollAccount, countChanges, pollEvent } = poller({
    ...{ sql, filter: hyrox, pageSize: 50, cutoffMs: 2 * SECOND, clock, logger },
    incremental: defaultIncremental,
  });
  const client = clientFor({ baseUrl: "https://vivenu.example.com", clock, fetch: model.fetch });
  const documentOf = (_id: string, name: string, price: number) => ({
    ...eventJson(),
    ...{ end: "2027-11-22T18:00:00.000Z" },
    ...{ _id, name, tickets: eventJson().tickets.map((type) => ({ ...type, price })) },
  });
  return {
    ...{ clock, model, documentOf },
    put(eventId: string, name: string, { price = 199, sold = {} as Record<string, number> } = {}) {
      model.putEvent(documentOf(eventId, name, price));
      for (const [currency, count] of Object.entries(sold))
        for (let i = 0; i < count; i += 1)
          model.put({ eventId, ticketTypeId: MEN, currency, realPrice: price });
    },
    async poll(mode: "full" | "changes" = "full") {
      clock.forward(HOUR);
      return pollAccount(client, never, { mode });
    },
    async countChanges() {
      clock.forward(HOUR);
      return countChanges(client, never, { withEvents: true });
    },
    async readAlone(eventId: string) {
      clock.forward(HOUR);
      return pollEvent(client, eventId, never);
    },
    async webhook(event: { _id: string }) {
      const updatedAt = clock.forward(MINUTE).toISOString();
      const delivery = deliveryOf("event.updated", { event: { ...event, updatedAt } });
      await receiver({ sql, clock }).send(delivery);
      await translator({ sql, filter: hyrox, pace, clock, logger })();
    },
    /** What people see of each event: its currency and what a men's ticket costs. */
    async shown() {
      await project(sql, await readFacts(sql));
      const rows = await readRows(sql, { now: clock.now(), policy: defaultPolicy });
      return Object.fromEntries(
        rows.events.map(({ eventId, eventName, currency }) => {
          const men = rows.ticketTypes.find(
            (type) => type.eventId === eventId && type.ticketTypeId === MEN,
          );
          return [eventName, [currency, men?.price ?? null]];
        }),
      );
    },
    notes: async () => (await readCurrencyNotes(sql, clock.now())).map(({ text }) => text),
  };
}

describe("an event's currency", () => {
  test("is what its tickets name, from its first count on and by webhook as well", async () => {
    const { put, poll, webhook, shown, documentOf } = stage();
    put(SYDNEY, "HYROX Sydney", { sold: { AUD: 2 } });
    put(AUCKLAND, "HYROX Auckland", { price: 209, sold: { NZD: 2 } });
    await poll();
    expect(await shown()).toEqual({
      "HYROX Sydney": ["AUD", 199],
      "HYROX Auckland": ["NZD", 209],
    });
    await webhook(documentOf(AUCKLAND, "HYROX Auckland 2027", 219));
    expect(await shown()).toMatchObject({ "HYROX Auckland 2027": ["NZD", 219] });
  });

  test("has its own minor units, exact ones", async () => {
    const { put, poll } = stage("USD");
    put(SEOUL, "HYROX Seoul", { price: 165_000, sold: { KRW: 1 } });
    put(SYDNEY, "HYROX Manama", { price: 45.125, sold: { BHD: 1 } });
    await poll();
    const newest = async (eventId: string) =>
      (await readPayloads(database.sql, "event.updated.0"))
        .filter((payload) => payload.eventId === eventId)
        .at(-1)
        ?.ticketTypes.find(({ ticketTypeId }) => ticketTypeId === MEN)?.priceMinor;
    // ISO 4217: the won has no minor unit, the Bahraini dinar a thousandth.
    expect([await newest(SEOUL), await newest(SYDNEY)]).toEqual([165_000, 45_125]);
  });

  test("is unknown and said while its tickets name several, cancelled ones left out", async () => {
    const { model, put, poll, countChanges, shown, notes } = stage();
    put(AUCKLAND, "HYROX Auckland", { sold: { NZD: 2, AUD: 1 } });
    await poll();
    expect(await shown()).toEqual({ "HYROX Auckland": [null, null] });
    expect(await notes()).toEqual([
      `DACH: the tickets of one event name AUD and NZD, so the currency is not known of HYROX Auckland (${AUCKLAND}).`,
    ]);
    const stray = [...model.tickets.values()].find(({ currency }) => currency === "AUD");
    for (const change of [{ currency: "NZD" }, { currency: "AUD", status: "INVALID" as const }]) {
      model.change(stray?._id ?? "", change);
      await countChanges();
      expect(await shown()).toEqual({ "HYROX Auckland": ["NZD", 199] });
      expect(await notes()).toEqual([]);
    }
  });

  test("is not disputed by a ticket that was given away", async () => {
    const { model, put, poll, shown, notes } = stage();
    put(AUCKLAND, "HYROX Auckland", { sold: { NZD: 2 } });
    const free = { realPrice: 0, regularPrice: 0, currency: "AUD" };
    model.put({ eventId: AUCKLAND, ticketTypeId: MEN, ...free });
    await poll();
    expect(await shown()).toEqual({ "HYROX Auckland": ["NZD", 199] });
    expect(await notes()).toEqual([]);
  });

  test("is the owner's while nothing is sold, unless the account is known to sell in others", async () => {
    const { model, put, poll, countChanges, shown, notes } = stage();
    put(SYDNEY, "HYROX Sydney");
    put(AUCKLAND, "HYROX Auckland");
    await poll();
    expect(await shown()).toMatchObject({ "HYROX Sydney": ["AUD", 199] });
    model.put({ eventId: AUCKLAND, ticketTypeId: MEN, currency: "NZD" });
    await countChanges();
    expect(await shown()).toEqual({
      "HYROX Sydney": [null, null],
      "HYROX Auckland": ["NZD", 199],
    });
    expect(await notes()).toEqual([
      `DACH sells in AUD and NZD and no ticket of these was read yet, so the currency is not known of HYROX Sydney (${SYDNEY}).`,
    ]);
    model.put({ eventId: SYDNEY, ticketTypeId: MEN, currency: "AUD" });
    await countChanges();
    expect(await shown()).toMatchObject({ "HYROX Sydney": ["AUD", 199] });
  });

  test("that is learned anew is no change of a price, and said once", async () => {
    const { put, poll, shown } = stage();
    put(AUCKLAND, "HYROX Auckland", { sold: { NZD: 2 } });
    await poll();
    await poll();
    await poll("changes");
    await shown();
    const said = await readPayloads(database.sql, "event.updated.0");
    expect(said.map(({ currency }) => currency)).toEqual(["AUD", "NZD"]);
  });

  test("that an earlier version took from the account is corrected by what its tickets say", async () => {
    const { clock, put, poll, countChanges, readAlone, shown } = stage();
    put(AUCKLAND, "HYROX Auckland", { sold: { NZD: 2 } });
    // No list of what changed lately has it.
    clock.forward(48 * HOUR);
    await poll();
    // As it was left: described in the account's currency, without the prices that Vivenu gave.
    await emptyTables(database.sql, "outbox");
    await emptyRows(database.sql);
    await database.sql`
      update event_seen set prices = null, digest = '', description = description || '{"currency": "AUD"}'
    `;
    await countChanges();
    const [requestRecount] = await database.sql`select event_id, done from count_hint`;
    expect(requestRecount).toEqual({ eventId: AUCKLAND, done: false });
    await readAlone(AUCKLAND);
    expect(await shown()).toEqual({ "HYROX Auckland": ["NZD", 199] });
  });

  test("of an event that went is not told any more, and does not bring it back", async () => {
    const { model, put, poll, shown, notes } = stage();
    put(SYDNEY, "HYROX Sydney");
    put(AUCKLAND, "HYROX Auckland", { sold: { NZD: 1 } });
    for (const others of [SEOUL, PERTH]) put(others, "HYROX Other", { sold: { AUD: 1 } });
    await poll();
    expect(await notes()).toHaveLength(1);
    model.deleteEvent(SYDNEY);
    model.deleteEvent(AUCKLAND);
    await poll();
    await poll("changes");
    expect(await notes()).toEqual([]);
    await shown();
    const rows = await readRows(database.sql, { now: new Date(), policy: defaultPolicy });
    const gone = rows.events.filter(({ status }) => status === "CANCELLED");
    expect(gone.map(({ eventId }) => eventId).toSorted()).toEqual([SYDNEY, AUCKLAND]);
  });
});
