import { expect, test } from "bun:test";
import { type Trend, trendOf } from "./trend.ts";

const hundred = Array.from({ length: 100 }, (_, at) => 1_000 + 10 * at);
/** Every tenth two places further. */
const nearly = hundred.map((time, at) => (at % 10 === 5 ? time + 20 : time));
const mixed = hundred.map((_, at) => 1_000 + ((at * 37) % 100));

test.each<[string, number[], Trend | undefined]>([
  ["rises", [1, 2, 2, 5], { direction: "rising", edge: 5 }],
  ["falls", [5, 2, 2, 1], { direction: "falling", edge: 1 }],
  ["rises but for a few", nearly, { direction: "rising", edge: 1_960 }],
  ["falls but for a few", nearly.toReversed(), { direction: "falling", edge: 1_060 }],
  ["is in no order", mixed, undefined],
  ["is of one instant", [3, 3, 3], undefined],
  ["is empty", [], undefined],
])("a page that %s tells up to where it should hold everything", (_, times, trend) => {
  expect(trendOf(times)).toEqual(trend);
});

test("a page whose instants mostly repeat runs no way that one could go by", () => {
  // Of the later half four of five are what stood half a page before, and one in five is later.
  const times = [...Array<number>(10).fill(5), ...Array<number>(8).fill(5), 4, 6];
  expect(trendOf(times)).toBeUndefined();
});
