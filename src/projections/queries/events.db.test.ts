import { describe, expect, test } from "bun:test";
import {
  eventDeleted,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/support/facts.ts";
import { applyEach, emptyRows, given } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { readRowsAt } from "./rows-at.ts";

const at = (day: number) => `2026-02-${String(day).padStart(2, "0")}T10:00:00.000Z`;

/** An event as Vivenu changed it on one day and as we saw it on that or another. */
const named = (name: string, day: number, more: Parameters<typeof eventUpdated>[0] = {}) =>
  eventUpdated({ name, updatedAt: at(day), observedAt: at(day), ...more });

describe("of two descriptions of an event", () => {
  test("the one that Vivenu changed later stands, whatever came in last", async () => {
    await given(named("new", 2))
      .when(named("old", 1, { observedAt: at(9) }))
      .thenEvent({
        eventName: "new",
        lastUpdated: at(2),
      });
  });

  test("with one time of change the one that was seen later stands", async () => {
    await given(named("seen first", 1, { observedAt: at(2) }))
      .when(named("seen later", 1, { observedAt: at(3) }))
      .thenEvent({ eventName: "seen later", lastUpdated: at(3) });
  });

  test("that are of one time in every respect the same one always stands", async () => {
    const keys = { a: { idempotencyKey: "a" }, b: { idempotencyKey: "b" } };
    await given(named("by key a", 1, keys.a))
      .when(named("by key b", 1, keys.b))
      .thenEvent({ eventName: "by key b" });
  });

  test("without a time of change the one that was seen later stands", async () => {
    await given(named("first", 1, { updatedAt: null, observedAt: at(3) }))
      .when(named("later", 1, { updatedAt: null, observedAt: at(4) }))
      .thenEvent({ eventName: "later" });
  });
});

describe("Last Updated", () => {
  test("is since when the event has been so, not when it was seen again", async () => {
    await given(named("old", 1), named("new", 3))
      .when(named("new", 5, { observedAt: at(6) }))
      .thenEvent({ lastUpdated: at(3) });
  });

  test("is of the last change when an event becomes again what it was", async () => {
    await given(named("a", 1), named("b", 2))
      .when(named("a", 3))
      .thenEvent({ lastUpdated: at(3) });
  });

  test("is of each row's own: a ticket type that stays keeps its time", async () => {
    const [men, women] = [ticketType(), ticketType({ ticketTypeId: "women", name: "HYROX WOMEN" })];
    await given(named("a", 1, { ticketTypes: [men, women] }))
      .when(named("a", 2, { ticketTypes: [men, { ...women, amount: 120 }] }))
      .thenRows(({ events, ticketTypes }) => {
        expect(events).toMatchObject([{ lastUpdated: at(2), totalCapacity: 220 }]);
        expect(ticketTypes).toMatchObject([
          { ticketTypeId: "men", lastUpdated: at(1) },
          { ticketTypeId: "women", lastUpdated: at(2), capacity: 120 },
        ]);
      });
  });

  test("of the event leaves out ticket types that its totals leave out", async () => {
    const spectator = ticketType({ ticketTypeId: "zz", name: "Spectator Ticket" });
    await given(named("a", 1, { ticketTypes: [ticketType(), spectator] }))
      .when(named("a", 2, { ticketTypes: [ticketType(), { ...spectator, amount: 7 }] }))
      .thenRows(({ events, ticketTypes }) => {
        expect(events).toMatchObject([{ lastUpdated: at(1) }]);
        expect(ticketTypes[1]).toMatchObject({ class: "spectator", lastUpdated: at(2) });
      });
  });

  test("does not depend on when a fact was recorded again", async () => {
    const fact = named("a", 1);
    const again = named("a", 1, { observedAt: at(8), source: "webhook" });
    expect(again.payload.idempotencyKey).toBe(fact.payload.idempotencyKey);
    await given(again)
      .when(fact)
      .thenEvent({ lastUpdated: at(1) });
  });
});

test("a counted event without race entries is on sale, never sold out", async () => {
  const spectator = ticketType({ ticketTypeId: "zz", name: "Spectator Ticket", amount: 3 });
  await given(named("HYROX", 1, { ticketTypes: [spectator] }))
    .when(salesCounted({ ticketTypes: [typeCount({ ticketTypeId: "zz", sold: 3 })] }))
    .thenEvent({ status: "ON_SALE", limited: false, totalCapacity: 0, totalSold: 0 });
});

describe("an event in parts", () => {
  const types = ["a", "b", "c"].map((id) =>
    ticketType({ ticketTypeId: id, name: `HYROX MEN ${id}` }),
  );
  const part = (number: number, more: Parameters<typeof eventUpdated>[0]) =>
    named("large", 1, {
      part: { number, of: 2 },
      ticketTypeIds: ["a", "b", "c"],
      underShopIds: ["partners"],
      ...more,
    });

  test("is whole when all of them are there", async () => {
    await given(part(1, { ticketTypes: types.slice(0, 2) }))
      .when(part(2, { ticketTypes: types.slice(2), underShops: [underShop()] }))
      .thenRows(({ events, ticketTypes }) => {
        expect(events).toMatchObject([{ totalCapacity: 300 }]);
        expect(ticketTypes.map(({ removed }) => removed)).toEqual([false, false, false]);
      });
  });

  test("keeps the ticket types of a part that says nothing new", async () => {
    await given(named("large", 1, { ticketTypes: types }))
      .when(
        named("large", 2, {
          part: { number: 1, of: 1 },
          ticketTypeIds: ["a", "b", "c"],
          ticketTypes: [ticketType({ ticketTypeId: "a", name: "HYROX MEN a", amount: 1 })],
        }),
      )
      .thenEvent({ totalCapacity: 201 });
  });
});

test("a ticket type that the event no longer has is shown as removed and counts no more", async () => {
  const women = ticketType({ ticketTypeId: "women", name: "HYROX WOMEN" });
  await given(named("a", 1, { ticketTypes: [ticketType(), women] }))
    .when(named("a", 2, { ticketTypes: [women] }))
    .thenRows(({ events, ticketTypes }) => {
      expect(events).toMatchObject([{ totalCapacity: 100, lastUpdated: at(2) }]);
      expect(ticketTypes).toMatchObject([
        { ticketTypeId: "men", removed: true, lastUpdated: at(2) },
        { ticketTypeId: "women", removed: false, lastUpdated: at(1) },
      ]);
    });
});

describe("a deleted event", () => {
  const gone = eventDeleted({ observedAt: at(5) });

  test("is shown as deleted since then", async () => {
    await given(named("a", 1))
      .when(gone)
      .thenEvent({ status: "CANCELLED", lastUpdated: at(5) });
  });

  test("is so since it was first seen to be gone, not when it was seen again", async () => {
    await given(named("a", 1), gone)
      .when(eventDeleted({ observedAt: at(7) }))
      .thenEvent({ status: "CANCELLED", lastUpdated: at(5) });
  });

  test("stays deleted for a webhook that comes later: it may be two hours old", async () => {
    await given(named("a", 1), gone)
      .when(named("b", 2, { source: "webhook", observedAt: at(6) }))
      .thenEvent({ status: "CANCELLED", eventName: "b" });
  });

  test("stays deleted for an answer of the API from before", async () => {
    await given(named("a", 1), gone)
      .when(named("b", 2, { observedAt: at(4) }))
      .thenEvent({ status: "CANCELLED", eventName: "b" });
  });

  test("is back when a later answer of the API has it, and has been so since then", async () => {
    const back = named("a", 1, { observedAt: at(7), idempotencyKey: "back" });
    await given(named("a", 1), gone)
      .when(back)
      .thenRows(({ events }) => {
        expect(events[0]?.status).not.toBe("CANCELLED");
        expect(events[0]?.lastUpdated).toBe(at(7));
      });
  });

  test("may be deleted once more", async () => {
    const back = named("a", 1, { observedAt: at(7), idempotencyKey: "back" });
    await given(named("a", 1), gone, back)
      .when(eventDeleted({ observedAt: at(8) }))
      .thenEvent({ status: "CANCELLED", lastUpdated: at(8) });
  });

  test("is back since the last time that it came back, however often it went", async () => {
    const back = (day: number) =>
      named("a", 1, { observedAt: at(day), idempotencyKey: `back ${day}` });
    await given(named("a", 1), gone, back(7), eventDeleted({ observedAt: at(8) }))
      .when(back(9))
      .thenEvent({ lastUpdated: at(9) });
  });

  test("of another account with the same id is another event", async () => {
    await given(named("a", 1))
      .when(eventDeleted({ observedAt: at(5), account: "FRANCE" }))
      .thenRows(({ events }) => expect(events[0]?.status).not.toBe("CANCELLED"));
  });

  const french = (day: number, more: Parameters<typeof named>[2] = {}) =>
    named("a", day, { account: "FRANCE", idempotencyKey: `french ${day}`, ...more });
  const by = (account: string, day: number) =>
    eventDeleted({ account, observedAt: at(day), idempotencyKey: `${account} ${day}` });
  /** `given` plays each both ways round. */
  const shownAfter = async (...facts: Parameters<typeof given>) => {
    let shown: unknown;
    await given(...facts)
      .when()
      .thenRows(({ events }) => {
        shown = events.map(({ region, status, lastUpdated }) => [
          ...[region, status === "CANCELLED" ? "gone" : "there", lastUpdated],
        ]);
      });
    return shown;
  };

  test.each([
    ["under the same time of change", at(1)],
    ["by a reading that is behind the other's", "2025-12-01T00:00:00.000Z"],
    ["under a later one", at(4)],
  ])(
    "and that moved is its new account's, whichever account was read first: %s",
    async (_, updatedAt) => {
      const listed = (day: number) => french(day, { updatedAt, observedAt: at(day) });
      expect(await shownAfter(named("a", 1), by("DACH", 5), listed(6))).toEqual([
        ["FRANCE", "there", at(6)],
      ]);
      expect(await shownAfter(named("a", 1), listed(4), by("DACH", 5))).toEqual([
        ["FRANCE", "there", updatedAt === at(4) || updatedAt === at(1) ? at(4) : at(5)],
      ]);
    },
  );

  test("and that moved was the other account's before, whatever Vivenu's time of change says", async () => {
    const { sql } = await reusedDatabase();
    const facts = [
      named("a", 1),
      // Vivenu says that it was changed on the 3rd, and the new account shows it on the 6th.
      french(6, { updatedAt: at(3), observedAt: at(6) }),
      by("DACH", 5),
    ];
    for (const order of [facts, facts.toReversed()]) {
      await emptyRows(sql);
      await applyEach(sql, order);
      const ownerAt = async (day: number) => {
        const { events } = await readRowsAt(sql, { policy: defaultPolicy, at: new Date(at(day)) });
        return events.map(({ region, status }) => [region, status === "CANCELLED"]);
      };
      expect(await ownerAt(2)).toEqual([["DACH", false]]);
      expect(await ownerAt(4)).toEqual([["DACH", false]]);
      // By all that is known now it had moved by then, and was never gone.
      expect(await ownerAt(5)).toEqual([["FRANCE", false]]);
      expect(await ownerAt(6)).toEqual([["FRANCE", false]]);
    }
  });

  test("and that two accounts list is that one's which described it last, until one of them has lost it", async () => {
    const both = [named("a", 1), french(2), named("b", 3)];
    expect(await shownAfter(...both)).toEqual([["DACH", "there", at(3)]]);
    expect(await shownAfter(...both, by("FRANCE", 5))).toEqual([["DACH", "there", at(3)]]);
    expect(await shownAfter(...both, by("DACH", 5))).toEqual([["FRANCE", "there", at(5)]]);
  });

  test("and that both have lost is gone since the second did, and whose it was last", async () => {
    const both = [named("a", 1), french(2), named("b", 3)];
    expect(await shownAfter(...both, by("DACH", 5), by("FRANCE", 6))).toEqual([
      ["FRANCE", "gone", at(6)],
    ]);
    expect(await shownAfter(...both, by("FRANCE", 5), by("DACH", 6))).toEqual([
      ["DACH", "gone", at(6)],
    ]);
    const back = named("b", 3, { observedAt: at(8), idempotencyKey: "back" });
    expect(await shownAfter(...both, by("FRANCE", 5), by("DACH", 6), back)).toEqual([
      ["DACH", "there", at(8)],
    ]);
  });

  test("that nobody has described is no row", async () => {
    await given()
      .when(gone)
      .thenRows(({ events }) => expect(events).toEqual([]));
  });
});

test("events that begin at one time are listed by their ids, whichever was described first", async () => {
  await given(named("x", 1, { eventId: "b" }), named("x", 1, { eventId: "c" }))
    .when(named("x", 1, { eventId: "a" }))
    .thenRows(({ events }) => {
      expect(events.map(({ eventId }) => eventId)).toEqual(["a", "b", "c"]);
    });
});

test("an undershop that the event no longer has opens no presale", async () => {
  const launch = { sellStart: "2026-06-01T00:00:00.000Z" };
  const shop = underShop({
    sellStart: "2026-02-01T00:00:00.000Z",
    sellEnd: "2026-05-01T00:00:00.000Z",
  });
  await given(named("a", 1, { ...launch, underShops: [shop] }))
    .when()
    .thenEvent({ presale: true });
  await given(named("a", 1, { ...launch, underShops: [shop] }))
    .when(named("a", 2, { ...launch, underShops: [] }))
    .thenEvent({ presale: false });
});

test("times are those of the fact, whatever timezone the session has", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await sql.begin(async (tx) => {
    await tx`set local timezone to 'Australia/Lord_Howe'`;
    await applyEach(tx, [named("a", 1, { sellStart: "2026-03-29T01:30:00.000Z" })]);
  });
  const [row] = await sql`select sell_start, changed_at from event`;
  expect(row).toEqual({ sellStart: new Date("2026-03-29T01:30:00Z"), changedAt: new Date(at(1)) });
});
