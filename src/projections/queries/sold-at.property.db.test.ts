import { expect, test } from "bun:test";
import {
  EVENT_ID,
  eventUpdated,
  salesChanged,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { applyKept, emptyRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import { readSoldAt } from "./sold-at.ts";

const HOUR_MS = 3_600_000;
const BEGAN_AT = Date.UTC(2026, 2, 1);
const at = (hour: number) => BEGAN_AT + hour * HOUR_MS;

const ids = ["men", "women", "doubles"];
const number = fc.integer({ min: 0, max: 4 });
const said = fc.record({ sold: number, reserved: number });
const histories = fc.uniqueArray(
  fc.record({
    hour: fc.integer({ min: 1, max: 20 }),
    isWhole: fc.boolean(),
    types: fc.record({ men: said, women: said, doubles: said }, { requiredKeys: [] }),
  }),
  { selector: ({ hour }) => hour, minLength: 1, maxLength: 8 },
);

type Said = { sold: number; reserved: number };

test("what was sold at an instant is what the counts up to it said, whichever of them came first and whatever came later", async () => {
  const { sql } = await reusedDatabase();
  await fc.assert(
    fc.asyncProperty(
      histories,
      fc.array(fc.integer({ min: 0, max: 22 }), { minLength: 1, maxLength: 5 }),
      fc.subarray([...ids, "never counted"]),
      fc.boolean(),
      async (history, hours, typeIds, isReversed) => {
        await emptyRows(sql);
        const counts = history.toSorted((one, other) => one.hour - other.hour);
        const facts = counts.map(({ hour, isWhole, types }) => {
          const countedAt = new Date(at(hour)).toISOString();
          const ticketTypes = Object.entries(types).map(([ticketTypeId, numbers]) =>
            typeCount({ ticketTypeId, ...numbers }),
          );
          return isWhole
            ? salesCounted({ countedAt, ticketTypes })
            : salesChanged({ countedAt, ticketTypes });
        });
        const described = eventUpdated({
          ticketTypes: ids.map((ticketTypeId) => ticketType({ ticketTypeId })),
        });
        await applyKept(sql, [described, ...(isReversed ? facts.toReversed() : facts)]);

        const first = counts.find(({ isWhole }) => isWhole)?.hour;
        const known = (moment: number) => {
          const last = new Map<string, Said & { since: number }>();
          for (const { hour, types } of counts)
            if (hour <= Math.max(moment, first ?? 0))
              for (const [id, now] of Object.entries(types)) {
                const before = last.get(id);
                const isSame = before?.sold === now.sold && before.reserved === now.reserved;
                if (!isSame) last.set(id, { ...now, since: hour });
              }
          return typeIds.flatMap((id) => last.get(id) ?? []);
        };
        const found = await readSoldAt(sql, [
          { eventId: EVENT_ID, typeIds, instants: hours.map(at) },
        ]);
        const since = (some: { since: number }[]) =>
          some.length > 0 ? at(Math.max(...some.map((one) => one.since))) : null;
        expect(found.get(EVENT_ID)).toEqual({
          countedFrom: first === undefined ? null : at(first),
          sold: hours.map((hour) => known(hour).reduce((sum, { sold }) => sum + sold, 0)),
          countedAt: hours.map(
            (hour) => since(known(hour)) ?? (first === undefined ? null : at(first)),
          ) as number[],
        });
      },
    ),
    { numRuns: runs(40) },
  );
});
