import { expect, test } from "bun:test";
import { event, found } from "../../../test/support/found-tab.ts";
import { ticketTypeRow } from "../../../test/support/rows.ts";
import { layout } from "../layout/layout.ts";
import { firstBatch } from "./partial-batch.ts";
import { planTabs } from "./plan.ts";

/** Two tabs that are not there yet: one of few rows, one of many. */
const plans = planTabs(
  layout({
    events: [event()],
    ticketTypes: Array.from({ length: 50 }, (_, n) => ticketTypeRow({ ticketTypeId: `t${n}` })),
  }),
  { ...found([]), tabs: [] },
);
const bytesOf = (requests: unknown) => Buffer.byteLength(JSON.stringify(requests));
const all = firstBatch(plans);
const rowsOf = (batch: typeof all) =>
  [...batch.sent.values()].map(({ writes }) => new Set(writes.map(({ row }) => row)).size);

test("what fits in one request is one, and what does not is its beginning, tab by tab and row by row", () => {
  expect(rowsOf(all)).toEqual([2, 51]);
  const size = bytesOf(all.requests);
  const part = firstBatch(plans, 0.75 * size);
  const [events, ticketTypes = 0] = rowsOf(part);
  // The first tab is there whole, and of the second a part.
  expect(events).toBe(2);
  expect(ticketTypes).toBeWithin(10, 50);
  // What is round a cell is estimated.
  expect(bytesOf(part.requests)).toBeWithin(0.65 * size, 0.8 * size);
});

test("behind a tab of which a part is sent no other begins", () => {
  const [few, many] = plans;
  if (!few || !many) throw new Error("no plans");
  const part = firstBatch([many, few], 0.5 * bytesOf(all.requests));
  expect(part.titles).toEqual(["Ticket Types"]);
});

test("a row that is larger than a request may be is one all the same, alone", () => {
  const part = firstBatch(plans, 10);
  expect([part.titles, rowsOf(part)]).toEqual([["Events"], [1]]);
});
