import { expect, test } from "bun:test";
import { eventIds, orderOf } from "./uuid-v1.ts";

const noon = new Date("2025-03-01T12:00:00.000Z");
const unixMs = (id: string) => Number(orderOf(id).ts / 10_000n) - 12_219_292_800_000;
const compare = (one: string, other: string) => {
  const [a, b] = [orderOf(one), orderOf(other)];
  return a.ts === b.ts ? Number(a.rest - b.rest) : Number(a.ts - b.ts);
};

test("an event id is a UUID v1 of its millisecond", () => {
  const id = eventIds().next(noon);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(unixMs(id)).toBe(noon.getTime());
  expect(unixMs(eventIds().at(noon))).toBe(noon.getTime());
});

test("ids of one clock rise, even 25,000 of them in one millisecond", () => {
  const ids = eventIds();
  const made = Array.from({ length: 25_000 }, () => ids.next(noon));
  made.push(ids.next(new Date(noon.getTime() + 1)));
  for (const [index, id] of made.entries()) {
    const earlier = made[index - 1];
    if (earlier) expect(compare(id, earlier)).toBeGreaterThan(0);
  }
});

test("two runs on the same tick do not share an id, nor does a clock that goes back", () => {
  const ids = eventIds();
  const one = ids.next(noon);
  ids.next(new Date(noon.getTime() + 5));
  const again = ids.next(noon);
  const other = eventIds().next(noon);
  expect(unixMs(again)).toBe(noon.getTime());
  expect(new Set([one, again, other]).size).toBe(3);
});

test("the lowest and the highest id of a tick enclose every other, as signed bytes", () => {
  const id = eventIds().next(noon);
  const [time] = [id.slice(0, 18)];
  const lowest = `${time}-8080-808080808080`;
  const highest = `${time}-7f7f-7f7f7f7f7f7f`;
  expect(compare(lowest, id)).toBeLessThan(0);
  expect(compare(highest, id)).toBeGreaterThan(0);
  expect(compare(`${time}-8000-000000000000`, `${time}-80ff-000000000000`)).toBeGreaterThan(0);
  expect(compare(`${time}-8001-000000000000`, `${time}-8000-ffffffffffff`)).toBeGreaterThan(0);
});
