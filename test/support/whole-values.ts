import { expect } from "bun:test";

type Matcher = (this: unknown, wanted: unknown, ...rest: unknown[]) => unknown;

const WHOLE = [Date, Map, Set, RegExp, Error, Headers, URLSearchParams, ArrayBuffer];
const isWhole = (value: unknown) => WHOLE.some((kind) => value instanceof kind);
const areOfOneKind = (one: unknown, other: unknown) =>
  WHOLE.some((kind) => one instanceof kind && other instanceof kind);

/** What has fields of its own that are compared; what has none Bun compares, or it is a matcher. */
const hasFields = (value: object) =>
  Object.keys(value).length > 0 &&
  !Object.prototype.toString.call(value).startsWith("[object Expect");

/** `wanted`, with a matcher in place of each value that has no fields to compare. */
function withWholeValues(wanted: unknown): unknown {
  if (isWhole(wanted)) return wholeMatcher(wanted);
  if (Array.isArray(wanted)) return wanted.map(withWholeValues);
  if (typeof wanted !== "object" || wanted === null || !hasFields(wanted)) return wanted;
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => [name, withWholeValues(value)]),
  );
}

let wholeMatcher: (wanted: unknown) => unknown;

/**
 * Makes `toMatchObject` compare times, maps, sets, patterns, errors, headers, queries and bodies as well. Bun
 * compares the fields of what is wanted, and these have none, so any value passes for them
 * (`findings/bun-test-takes-any-time-for-the-wanted-one.sh`).
 */
export function compareWholeValues(): void {
  const matchers = Object.getPrototypeOf(expect({})) as { toMatchObject: Matcher };
  const byFields = matchers.toMatchObject;
  // Files that share a process may share its matchers.
  if (byFields.name === "byWholeValues") return;
  expect.extend({
    toBeTheWhole: (received: unknown, wanted: unknown) => ({
      pass: areOfOneKind(received, wanted) && Bun.deepEquals(received, wanted),
      message: () => `expected ${Bun.inspect(wanted)}, received ${Bun.inspect(received)}`,
    }),
  });
  wholeMatcher = (expect as unknown as { toBeTheWhole: typeof wholeMatcher }).toBeTheWhole;
  matchers.toMatchObject = function byWholeValues(wanted, ...rest) {
    return byFields.call(this, withWholeValues(wanted), ...rest);
  };
}
