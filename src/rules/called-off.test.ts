import { expect, test } from "bun:test";
import { wasOver, willBe } from "./called-off.ts";

const END = "2026-07-05T18:00:00.000Z";

test.each([
  ["2026-07-05T17:59:59.999Z", false],
  ["2026-07-05T18:00:00.000Z", true],
  // In another zone the same moment is written otherwise.
  ["2026-07-05T20:00:00.000+02:00", true],
  ["2026-07-05T19:59:00.000+02:00", false],
])(
  "of an event that was deleted at %s a race until 18:00 in UTC had taken place: %p",
  (lastUpdated, isOver) => {
    expect(wasOver({ eventEndDate: END, lastUpdated })).toBe(isOver);
  },
);

test.each([
  ["ON_SALE", true],
  ["ANNOUNCED", true],
  ["CANCELLED", false],
  ["GROUP", false],
])("an event of status %s is one whose race will be: %p", (status, isToCome) => {
  expect(willBe({ status })).toBe(isToCome);
});
