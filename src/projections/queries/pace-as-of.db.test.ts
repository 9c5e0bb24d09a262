import { beforeAll, expect, test } from "bun:test";
import { eventUpdated, salesCounted, ticketType, typeCount } from "../../../test/support/facts.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { Pool } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { tablesAsOf } from "./as-of.ts";
import { readPaces } from "./pace.ts";
import { paceBook } from "./pace-book.ts";
import { readRowsAt } from "./rows-at.ts";
import { revisionReader } from "./rows-revision.ts";

const policy = { policy: defaultPolicy, countedClasses: defaultPolicy.countedClasses };
const NOW = new Date("2026-03-30T00:00:00.000Z");
const men = ticketType({ amount: 200 });
const seats = ticketType({ ticketTypeId: "seats", name: "SPECTATOR | Saturday", amount: 500 });

let sql: Pool;

/** At 10:00 of a day so many had been sold of those that are counted, and as many seats ten times over. */
const counted = (day: string, sold: number, hours: Record<string, number> = {}) =>
  salesCounted({
    countedAt: `2026-03-${day}T10:00:00.000Z`,
    ticketTypes: [
      typeCount({ sold, newSales: hours }),
      typeCount({ ticketTypeId: "seats", sold: 10 * sold }),
    ],
  });

beforeAll(async () => {
  ({ sql } = await reusedDatabase());
  await applyKept(sql, [
    eventUpdated({ sellStart: "2026-03-01T00:00:00.000Z", ticketTypes: [men, seats] }),
    // What is sold today was created so; of day 10's forty ten were refunded later.
    counted("11", 60, { "2026-03-05T10": 20, "2026-03-10T09": 30 }),
    counted("13", 80),
    counted("14", 75),
    counted("20", 100),
  ]);
});

async function paceAt(time: string) {
  const asOf = new Date(time);
  const tablesAt = tablesAsOf(sql, { ...policy, readRevision: revisionReader(sql) });
  const { events } = await readRowsAt(sql, { ...policy, at: asOf });
  const paces = await readPaces(events, {
    ...{ ...policy, book: paceBook(sql), now: NOW },
    instant: {
      ...{ sql, asOf },
      readTypeIds: async () => (await tablesAt(asOf, "events")).inTotals,
    },
  });
  return [...paces.values()][0];
}

test("a pace as of a moment is what was counted by then, with refunds taken out when they came", async () => {
  // Up to the count of the 14th: 80 less 75 went back, after 20 more in the week and 60 at the first count.
  expect(await paceAt("2026-03-14T12:30:00Z")).toMatchObject({
    until: "2026-03-14T12:00:00.000Z",
    ...{ hourSoFar: 0, lastHour: 0, last24Hours: -5 },
    // Counted: 75 less the 60 of the first count. Created before it, within the week: 30.
    last7Days: 45,
    previous7Days: 20,
    perDay: 6.43,
  });
  // In the middle of an hour: the count at 10:00 was not known before it.
  expect(await paceAt("2026-03-13T10:30:00Z")).toMatchObject({
    ...{ until: "2026-03-13T10:00:00.000Z", hourSoFar: 0, lastHour: 20, last24Hours: 20 },
  });
  expect(await paceAt("2026-03-13T09:30:00Z")).toMatchObject({ hourSoFar: 0, lastHour: 0 });
});

test("before its first count it is not known, and after the last it is as it is now", async () => {
  expect(await paceAt("2026-03-10T12:00:00Z")).toMatchObject({
    ...{ unknown: "notCounted", last7Days: null },
  });
  const { events } = await readRowsAt(sql, { ...policy, at: NOW });
  const now = await readPaces(events, { ...policy, book: paceBook(sql), now: NOW });
  expect(await paceAt(NOW.toISOString())).toEqual([...now.values()][0]);
});
