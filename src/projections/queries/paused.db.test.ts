import { describe, expect, test } from "bun:test";
import { eventUpdated, salesCounted, ticketType, typeCount } from "../../../test/support/facts.ts";
import { applyEach, changesUnder, readAllRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { EventUpdated, NewFact, TicketType } from "../../contracts/index.ts";

const men = ticketType({ amount: 100 });
const women = ticketType({ ticketTypeId: "women", name: "HYROX WOMEN", amount: 100 });
const seats = ticketType({ ticketTypeId: "seats", name: "SPECTATOR | Saturday", amount: 5000 });
const off = (type: TicketType) => ({ ...type, active: false });

const described = (day: number, ticketTypes: TicketType[], said: Partial<EventUpdated> = {}) =>
  eventUpdated({
    updatedAt: `2026-03-0${day}T10:00:00.000Z`,
    observedAt: `2026-03-0${day}T10:00:01.000Z`,
    ticketTypes,
    ...said,
  });
const counted = (day: number, sold: Record<string, number>) =>
  salesCounted({
    countedAt: `2026-03-0${day}T12:00:00.000Z`,
    ticketTypes: Object.entries(sold).map(([ticketTypeId, tickets]) =>
      typeCount({ ticketTypeId, sold: tickets }),
    ),
  });

async function after(...facts: NewFact[]) {
  const { sql } = await reusedDatabase();
  await applyEach(sql, facts);
  const { events, ticketTypes } = await readAllRows(sql, new Date("2026-04-01T00:00:00Z"));
  const changes = await changesUnder(sql);
  return { event: events[0], ticketTypes, changes };
}

const toldOfEvent = ({ changes }: Awaited<ReturnType<typeof after>>) =>
  changes
    .filter(({ changeType }) => ["soldOut", "paused", "reopened"].includes(changeType))
    .filter(({ field }) => !field.includes(" of "))
    .map(({ changedAt, changeType, field, previousValue, newValue, severity }) =>
      [
        ...[changedAt.slice(8, 10), changeType, field],
        ...[previousValue.value, newValue.value, severity],
      ].join(" "),
    );

describe("an event whose race entries are all switched off", () => {
  const paused = [
    described(1, [men, seats]),
    counted(2, { men: 90, seats: 7 }),
    described(3, [off(men), seats]),
  ];

  test("is not on sale, though spectators are, and has nothing to buy beside what capacity leaves", async () => {
    const { event, ticketTypes } = await after(...paused);
    expect(event).toMatchObject({
      status: "PAUSED",
      totalCapacity: 100,
      totalAvailable: 10,
      availableToBuy: 0,
    });
    expect(
      ticketTypes.map((type) => [type.ticketTypeId, type.available, type.availableToBuy]),
    ).toEqual([
      ["men", 10, 0],
      ["seats", 4993, 4993],
    ]);
  });

  test("is told to be paused, and to be open again however few places come back", async () => {
    const back = await after(...paused, counted(4, { men: 98 }), described(5, [men, seats]));
    expect(back.event).toMatchObject({ status: "ON_SALE", totalAvailable: 2, availableToBuy: 2 });
    expect(toldOfEvent(back)).toEqual([
      "03 paused availableToBuy 10 0 high",
      "05 reopened availableToBuy 0 2 high",
    ]);
  });

  test("is sold out when nothing is left of it, and that is told as well", async () => {
    const gone = await after(...paused, counted(4, { men: 100 }));
    expect(gone.event).toMatchObject({ status: "SOLD_OUT", availableToBuy: 0 });
    expect(toldOfEvent(gone)).toEqual([
      "03 paused availableToBuy 10 0 high",
      "04 soldOut available 10 0 high",
    ]);
  });

  test("is paused before its first count as well, for no count brings a place to buy", async () => {
    const { event } = await after(described(1, [off(men), seats]));
    expect(event).toMatchObject({ status: "PAUSED", totalAvailable: null, availableToBuy: 0 });
  });

  test("has its pause told from the launch on, and not once its sale has ended", async () => {
    const launch = { sellStart: "2026-03-04T00:00:00.000Z" };
    const early = await after(
      described(1, [off(men), seats], launch),
      counted(2, { men: 90 }),
      described(3, [men, seats], launch),
      counted(5, { men: 91 }),
    );
    expect(toldOfEvent(early)).toEqual([]);
    const end = { sellEnd: "2026-03-03T00:00:00.000Z" };
    const late = await after(
      described(1, [men, seats], end),
      counted(2, { men: 90 }),
      described(4, [off(men), seats], end),
    );
    expect(toldOfEvent(late)).toEqual([]);
    expect(late.event).toMatchObject({ status: "SALES_CLOSED", availableToBuy: 0 });
  });
});

describe("an event of which some race entries are switched off", () => {
  test("has what the others leave to buy", async () => {
    const { event } = await after(
      described(1, [men, off(women), seats]),
      counted(2, { men: 40, women: 90 }),
    );
    expect(event).toMatchObject({ status: "ON_SALE", totalAvailable: 70, availableToBuy: 60 });
  });

  test("is paused when the others are gone, and one refund does not reopen it", async () => {
    const facts = [
      described(1, [men, off(women), seats]),
      counted(2, { men: 90, women: 90 }),
      counted(3, { men: 100, women: 90 }),
    ];
    const gone = await after(...facts);
    expect(gone.event).toMatchObject({ status: "PAUSED", totalAvailable: 10, availableToBuy: 0 });
    const refunded = await after(
      ...facts.with(0, described(1, [{ ...men, amount: 1000 }, off(women), seats])),
      counted(4, { men: 1000, women: 90 }),
      counted(5, { men: 999, women: 90 }),
      counted(6, { men: 990, women: 90 }),
    );
    expect(toldOfEvent(gone)).toEqual(["03 paused availableToBuy 10 0 high"]);
    expect(toldOfEvent(refunded)).toEqual([
      "04 paused availableToBuy 900 0 high",
      "06 reopened availableToBuy 1 10 high",
    ]);
  });

  test("does not reopen by what comes back to those that are switched off", async () => {
    const facts = [
      described(1, [men, off(women)]),
      counted(2, { men: 100, women: 100 }),
      counted(3, { men: 100, women: 50 }),
    ];
    const freed = await after(...facts);
    expect(freed.event).toMatchObject({ status: "PAUSED", totalAvailable: 50, availableToBuy: 0 });
    expect(toldOfEvent(freed)).toEqual(["02 soldOut available  0 high"]);
    const open = await after(...facts, described(4, [men, women]));
    expect(toldOfEvent(open)).toEqual([
      "02 soldOut available  0 high",
      "04 reopened availableToBuy 0 50 high",
    ]);
  });
});

test("nothing can be bought of a sale that has not begun, or is over", async () => {
  const counts = counted(2, { men: 40, seats: 4 });
  for (const said of [
    { sellStart: "2026-05-01T00:00:00.000Z" },
    { sellEnd: "2026-03-20T00:00:00.000Z" },
  ]) {
    const { event, ticketTypes } = await after(described(1, [men, seats], said), counts);
    expect(event).toMatchObject({ totalAvailable: 60, availableToBuy: 0 });
    expect(ticketTypes.map(({ availableToBuy }) => availableToBuy)).toEqual([0, 0]);
  }
});
