import { describe, expect, test } from "bun:test";
import {
  EVENT_ID,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { Sql } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { type PaceBook, paceBook } from "./pace-book.ts";
import { readSoldCurves } from "./sold-curves.ts";

const NOW = new Date("2026-03-20T10:20:00Z");
const LAUNCH = "2026-03-10T10:00:00Z";

async function given(sql: Sql, told: { sold: number; amount?: number; at: string }) {
  await applyKept(sql, [
    eventUpdated({
      ...{ sellStart: LAUNCH, sellEnd: null, start: "2026-06-20T08:00:00Z" },
      ...{ end: "2026-06-20T16:00:00Z", updatedAt: told.at, observedAt: told.at },
      ticketTypes: [ticketType({ amount: told.amount ?? 100 })],
    }),
    salesCounted({
      countedAt: told.at,
      ticketTypes: [typeCount({ sold: told.sold, newSales: { "2026-03-16T10": told.sold } })],
    }),
  ]);
}

async function curves(book: PaceBook, at = NOW) {
  const { countedClasses } = defaultPolicy;
  const all = await readSoldCurves(
    { eventIds: [EVENT_ID], points: 3 },
    { ...{ book, at, now: NOW, policy: defaultPolicy, countedClasses } },
  );
  return [...all.values()].map(({ points }) => points.map(({ percent }) => percent));
}

describe("the curve of what an event sold", () => {
  test("is another when it is counted or described anew, also where the moment is the same", async () => {
    const { sql } = await reusedDatabase();
    const book = paceBook(sql);
    await given(sql, { sold: 20, at: "2026-03-20T10:00:00Z" });
    expect(await curves(book)).toEqual([[0, 0, 20]]);
    await given(sql, { sold: 30, at: "2026-03-20T10:10:00Z" });
    expect(await curves(book)).toEqual([[0, 0, 30]]);
    await given(sql, { sold: 30, amount: 60, at: "2026-03-20T10:15:00Z" });
    expect(await curves(book)).toEqual([[0, 0, 50]]);
  });

  test("goes as far as the moment that is asked for, whatever was asked for before", async () => {
    const { sql } = await reusedDatabase();
    const book = paceBook(sql);
    await given(sql, { sold: 20, at: "2026-03-20T10:00:00Z" });
    expect(await curves(book)).toEqual([[0, 0, 20]]);
    expect(await curves(book, new Date("2026-03-16T10:30:00Z"))).toEqual([[0, 0, 20]]);
    expect(await curves(book, new Date("2026-03-16T09:30:00Z"))).toEqual([[0, 0, 0]]);
    expect(await curves(book)).toEqual([[0, 0, 20]]);
  });
});
