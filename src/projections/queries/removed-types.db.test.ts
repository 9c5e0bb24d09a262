import { expect, test } from "bun:test";
import { eventUpdated, salesCounted, ticketType, typeCount } from "../../../test/support/facts.ts";
import { applyEach, changesUnder, given, NOW } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import type { ClassOverrides } from "../../rules/overrides.ts";
import { defaultSoldOutPolicy } from "../../rules/sold-out.ts";
import { readRows } from "./rows.ts";

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

test("of one that was gone before anybody looked the operator says what it was, and its sales count", async () => {
  const { sql } = await reusedDatabase();
  const sold = salesCounted({
    countedAt: day(2),
    ticketTypes: [
      typeCount({ ticketTypeId: "other", sold: 40 }),
      typeCount({ ticketTypeId: "gone", sold: 50 }),
    ],
  });
  const here = described(1, { categories: [women], ticketTypes: [other], maxAmount: 120 });
  await applyEach(sql, [here, sold]);
  const under = async (classes: ClassOverrides) => {
    const { events, ticketTypes } = await readRows(sql, {
      now: NOW,
      policy: defaultPolicy,
      classes,
    });
    const [event] = events;
    const { class: found } = ticketTypes.find((type) => type.ticketTypeId === "gone") ?? {};
    return [found, event?.totalSold, event?.totalCapacity, event?.totalAvailable];
  };
  expect(await under({})).toEqual(["other", 40, 100, 30]);
  expect(await under({ gone: "race" })).toEqual(["race", 90, 120, 30]);
  // 90 of 120; without them 40 of 100.
  const nearly = { ...defaultSoldOutPolicy, nearlyFromPercents: [70] };
  const kinds = async (classes: ClassOverrides) =>
    (await changesUnder(sql, { policy: defaultPolicy, classes, soldOut: nearly })).map(
      ({ changeType }) => changeType,
    );
  expect(await kinds({})).not.toContain("nearlySoldOut");
  expect(await kinds({ gone: "race" })).toContain("nearlySoldOut");
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
