import { expect, test } from "bun:test";
import { launchProblems, readinessOf, type TypeForLaunch } from "./launch-readiness.ts";

const counted = { countedClasses: ["race", "charity"] as const };

const type = (more: Partial<TypeForLaunch> = {}): TypeForLaunch => ({
  ...{ ticketTypeId: "men", class: "race" },
  ...{ active: true, removed: false, price: 99, capacity: 100, ...more },
});

test("an event whose races have prices and places and are switched on is ready", () => {
  expect(readinessOf([type()], counted)).toEqual([]);
});

test("each thing in the way is told with the ticket types it is of", () => {
  const women = { ticketTypeId: "women", price: 0, active: false };
  const problems = readinessOf(
    [type({ capacity: 0 }), type(women), type({ ticketTypeId: "pro", price: null })],
    counted,
  );
  expect(problems).toEqual([
    { problem: "noPrice", ticketTypeIds: ["women", "pro"] },
    { problem: "inactive", ticketTypeIds: ["women"] },
    { problem: "noCapacity", ticketTypeIds: ["men"] },
  ]);
});

test("what is not in the totals, or is gone, is in nobody's way", () => {
  const spectator = type({ ticketTypeId: "s", class: "spectator", price: 0, active: false });
  const removed = type({ ticketTypeId: "r", removed: true, active: false });
  expect(readinessOf([type(), spectator, removed], counted)).toEqual([]);
});

test("an event without races is not ready", () => {
  expect(readinessOf([type({ class: "spectator" })], counted)).toEqual([
    { problem: "noRaces", ticketTypeIds: [] },
  ]);
});

test("whatever is told to be in the way is among the problems that the API's document names", () => {
  const all = [
    ...readinessOf([], counted),
    ...readinessOf([type({ price: null, active: false, capacity: null })], counted),
  ];
  expect(all.map(({ problem }) => problem)).toEqual([...launchProblems]);
});
