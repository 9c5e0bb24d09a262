import { describe, expect, test } from "bun:test";
import { believed, kindOfInstant, unreadableOf, versionTimeOf } from "./written-instant.ts";

describe("an instant that somebody wrote", () => {
  test.each([
    ["2026-12-01T10:00:00.000Z", "instant"],
    ["2000-01-01T00:00:00.000Z", "instant"],
    ["2199-12-31T23:59:59.000Z", "instant"],
    // What date libraries write for none, as UTC and east and west of it.
    ["0001-01-01T00:00:00.000Z", "open"],
    ["0000-12-31T23:00:00.000Z", "open"],
    ["0001-01-01T05:00:00.000Z", "open"],
    ["1753-01-01T00:00:00.000Z", "open"],
    ["1899-12-31T23:00:00.000Z", "open"],
    ["1970-01-01T00:00:00.000Z", "open"],
    ["9999-12-31T23:59:59.000Z", "open"],
    ["9999-12-31T23:59:59.999Z", "open"],
    // A year that lost its century, and others in which no such event is.
    ["0026-12-01T10:00:00.000Z", "unreadable"],
    ["0013-01-01T00:00:00.000Z", "unreadable"],
    ["0099-12-31T00:00:00.000Z", "unreadable"],
    ["0000-06-01T00:00:00.000Z", "unreadable"],
    ["1999-12-31T23:59:59.000Z", "unreadable"],
    ["2226-12-01T10:00:00.000Z", "unreadable"],
  ] as const)("%s is %s", (text, kind) => {
    expect(kindOfInstant(text)).toBe(kind);
  });
});

describe("a time of change", () => {
  const observedAt = "2026-03-01T10:00:00.000Z";
  test.each([
    ["2026-03-01T09:00:00.000Z", true],
    ["2026-03-01T10:10:00.000Z", true],
    ["2026-03-01T10:10:00.001Z", false],
    ["2031-01-01T00:00:00.000Z", false],
    ["0026-03-01T09:00:00.000Z", false],
    ["0001-01-01T00:00:00.000Z", false],
  ])("%s is believed: %p", (updatedAt, isBelieved) => {
    expect(versionTimeOf(updatedAt, observedAt)).toBe(isBelieved ? updatedAt : observedAt);
    expect(believed(updatedAt, observedAt)).toBe(isBelieved ? updatedAt : null);
  });

  test("that is not said is when it was observed", () => {
    expect(versionTimeOf(null, observedAt)).toBe(observedAt);
  });
});

test("fields that cannot be read are named once each, and not at all where there are none", () => {
  expect(unreadableOf([])).toEqual({});
  expect(unreadableOf(["sellStart", "createdAt", "sellStart"])).toEqual({
    unreadable: ["createdAt", "sellStart"],
  });
});
