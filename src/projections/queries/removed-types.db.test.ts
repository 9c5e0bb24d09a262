import { expect, test } from "bun:test";
import { eventUpdated, salesCounted, ticketType, typeCount } from "../../../test/support/facts.ts";
import { applyEach, changesUnder, given } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";

const day = (n: number) => `2026-02-${String(n).padStart(2, "0")}T10:00:00.000Z`;
const described = (n: number, said: Parameters<typeof eventUpdated>[0]) =>
  eventUpdated({ updatedAt: day(n), observedAt: day(n), sellStart: day(1), ...said });

/* As a season's events are: a wave is called by its hour alone, and only its category says what it is. */
const men = { ref: "m", name: "HYROX MEN", amount: null };
const women = { ref: "w", name: "HYROX WOMEN", amount: null };
const wave = ticketType({ ticketTypeId: "wave", name: "Saturday 10:00", categoryRef: "m" });
const other = ticketType({ ticketTypeId: "other", name: "Sunday 09:00", categoryRef: "w" });

const before = described(1, { categories: [men, women], ticketTypes: [wave, other] });
const count = salesCounted({
  countedAt: day(2),
  ticketTypes: [
    typeCount({ ticketTypeId: "wave", sold: 7 }),
    typeCount({ ticketTypeId: "other", sold: 5 }),
  ],
});

test.each([
  ["is deleted with it", [women]],
  ["gets another name later", [{ ...men, name: "Spectators" }, women]],
])("a race type that is removed stays a race though its category %s", async (_, categories) => {
  const after = described(3, { categories, ticketTypes: [other] });
  await given(before, count)
    .when(after)
    .thenRows(({ events, ticketTypes }) => {
      expect(events).toMatchObject([{ totalSold: 12, totalCapacity: 107 }]);
      expect(ticketTypes.map((type) => [type.ticketTypeId, type.class, type.removed])).toEqual([
        ["wave", "race", true],
        ["other", "race", false],
      ]);
    });
});

test("one that is there is what the category of today says", async () => {
  await given(before, count)
    .when(
      described(3, {
        categories: [{ ...men, name: "Spectators" }, women],
        ticketTypes: [wave, other],
      }),
    )
    .thenRows(({ ticketTypes }) =>
      expect(ticketTypes.map((type) => [type.ticketTypeId, type.class])).toEqual([
        ["wave", "spectator"],
        ["other", "race"],
      ]),
    );
});

test("its sales are still in what decides whether the event is nearly sold out", async () => {
  const { sql } = await reusedDatabase();
  const later = salesCounted({
    countedAt: day(4),
    ticketTypes: [
      typeCount({ ticketTypeId: "wave", sold: 50 }),
      typeCount({ ticketTypeId: "other", sold: 70 }),
    ],
  });
  const removed = described(3, { categories: [women], ticketTypes: [other] });
  await applyEach(sql, [before, count, removed, later]);
  // 120 of 150; of what is still described only 70 of 100.
  const changes = await changesUnder(sql);
  expect(changes.map(({ changeType }) => changeType)).toContain("nearlySoldOut");
});
