import { describe, expect, test } from "bun:test";
import {
  eventUpdated,
  pollFinished,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { applyEach, given } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { NewFact, SalesCounted } from "../../contracts/index.ts";
import { readLastPolls } from "../tables/polls.ts";

const event = eventUpdated({ observedAt: "2026-02-01T00:00:00.000Z" });
const at = (day: number) => `2026-03-${String(day).padStart(2, "0")}T02:00:00.000Z`;

const counted = (day: number, sold: number, more: Partial<SalesCounted> = {}) =>
  salesCounted({ countedAt: at(day), ticketTypes: [typeCount({ sold })], ...more });

describe("of two counts", () => {
  test("the one that began later stands, whatever came in last", async () => {
    await given(event, counted(2, 40))
      .when(counted(1, 30))
      .thenEvent({
        totalSold: 40,
        totalAvailable: 60,
        percentSold: 40,
        countedAt: at(2),
      });
  });

  test("only a complete one is shown", async () => {
    await given(event, counted(1, 40))
      .when(counted(2, 7, { complete: false }))
      .thenEvent({ totalSold: 40, countedAt: at(1), lastUpdated: at(1) });
  });

  test("the event says so while the newer one is not complete", async () => {
    const incomplete = counted(2, 7, { complete: false });
    await given(event, counted(1, 40)).when().thenEvent({ countComplete: true });
    await given(event, counted(1, 40))
      .when(incomplete)
      .thenEvent({ totalSold: 40, countedAt: at(1), countComplete: false });
    await given(event, counted(1, 40), incomplete)
      .when(counted(3, 40))
      .thenEvent({ totalSold: 40, countedAt: at(3), countComplete: true });
  });

  test("that say the same the first says since when it has been so", async () => {
    await given(event, counted(1, 40), counted(2, 41))
      .when(counted(3, 41))
      .thenRows(({ events, ticketTypes }) => {
        expect(events).toMatchObject([{ lastUpdated: at(2), countedAt: at(3) }]);
        expect(ticketTypes).toMatchObject([{ lastUpdated: at(2), sold: 41 }]);
      });
  });
});

test("an event that was never counted whole has no numbers of sales, and no zeros either", async () => {
  const unknown = { totalCapacity: 100, totalSold: null, totalAvailable: null, percentSold: null };
  await given(event)
    .when()
    .thenEvent({ ...unknown, countComplete: null });
  await given(event)
    .when(counted(1, 7, { complete: false }))
    .thenEvent({ ...unknown, countedAt: null, countComplete: false });
});

describe("a count in parts", () => {
  const types = ["a", "b"].map((id) => ticketType({ ticketTypeId: id, name: `HYROX MEN ${id}` }));
  const parts = (day: number, sold: [number, number]): [NewFact, NewFact] => {
    const [a, b] = sold;
    return [
      counted(day, 0, {
        part: { number: 1, of: 2 },
        ticketTypes: [typeCount({ ticketTypeId: "a", sold: a })],
      }),
      counted(day, 0, {
        part: { number: 2, of: 2 },
        ticketTypes: [typeCount({ ticketTypeId: "b", sold: b })],
      }),
    ];
  };
  const two = eventUpdated({ ticketTypes: types });

  test("is one when all of them are there", async () => {
    await given(two)
      .when(...parts(1, [3, 4]))
      .thenEvent({ totalSold: 7, countedAt: at(1) });
  });

  test("is none before that: the missing part's ticket types are not unsold", async () => {
    const [first, second] = parts(1, [3, 4]);
    for (const part of [first, second])
      await given(two)
        .when(part)
        .thenRows(({ events, ticketTypes }) => {
          expect(events).toMatchObject([{ totalSold: null, countedAt: null }]);
          expect(ticketTypes).toMatchObject([
            { sold: null, complimentary: null },
            { sold: null, complimentary: null },
          ]);
        });
  });
});

describe("an hour's number", () => {
  const hours = async (...facts: NewFact[]) => {
    const read = async (sequence: NewFact[]) => {
      await using database = await reusedDatabase();
      const { sql } = database;
      await applyEach(sql, sequence);
      return [
        ...(await sql`
          select to_char(hour at time zone 'UTC', 'DD HH24') as hour, kind, tickets from sales_hour
          order by hour, kind
        `),
      ];
    };
    const forward = await read(facts);
    expect(await read(facts.toReversed())).toEqual(forward);
    return forward;
  };
  const sold = (
    day: number,
    newSales: Record<string, number>,
    replacements: Record<string, number> = {},
  ) => counted(day, 9, { ticketTypes: [typeCount({ sold: 9, newSales, replacements })] });

  test("is the newest count's that names the hour", async () => {
    expect(
      await hours(
        sold(1, { "2026-02-12T11": 5, "2026-02-12T12": 1 }),
        sold(2, { "2026-02-12T11": 4 }),
      ),
    ).toEqual([
      { hour: "12 11", kind: "new_sale", tickets: 4 },
      { hour: "12 12", kind: "new_sale", tickets: 1 },
    ]);
  });

  test("of replacements stays when only that of new sales changes, and the other way round", async () => {
    const hour = "2026-02-12T11";
    expect(
      await hours(
        sold(1, { [hour]: 5 }, { [hour]: 2 }),
        sold(2, { [hour]: 6 }),
        sold(3, {}, { [hour]: 3 }),
      ),
    ).toEqual([
      { hour: "12 11", kind: "new_sale", tickets: 6 },
      { hour: "12 11", kind: "replacement", tickets: 3 },
    ]);
  });

  test("may fall to nothing", async () => {
    expect(await hours(sold(1, { "2026-02-12T11": 5 }), sold(2, { "2026-02-12T11": 0 }))).toEqual([
      { hour: "12 11", kind: "new_sale", tickets: 0 },
    ]);
  });

  test("of a count that is not complete is no number", async () => {
    const part = salesCounted({
      ...{ complete: false, ticketTypes: [typeCount({ newSales: { "2026-02-12T11": 5 } })] },
    });
    expect(await hours(part)).toEqual([]);
  });
});

test("the last poll of each account is the one that ended last", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const poll = (account: string, day: number, complete: boolean) =>
    pollFinished({ account, startedAt: at(day), finishedAt: at(day), complete });
  await applyEach(sql, [poll("DACH", 2, true), poll("DACH", 1, false), poll("ITALY", 1, false)]);
  expect([...(await readLastPolls(sql))]).toMatchObject([
    { account: "DACH", finishedAt: new Date(at(2)), complete: true },
    { account: "ITALY", finishedAt: new Date(at(1)), complete: false },
  ]);
});
