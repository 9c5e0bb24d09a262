import { describe, expect, test } from "bun:test";
import { fc } from "../../test/support/fast-check.ts";
import { endOfBucket, startOfBucket, timeBucketOf, timeBucketsBetween } from "./time-bucket.ts";
import { compareIds, isTimeUuid, lowestIdAt, storedAt, ticksOf } from "./time-uuid.ts";

const hex = (value: bigint | number, digits: number) => value.toString(16).padStart(digits, "0");

/** A UUID v1 of these ticks since 1582, clock sequence and node. */
const idOf = (ticks: bigint, rest: bigint) =>
  [
    hex(ticks & 0xffff_ffffn, 8),
    hex((ticks >> 32n) & 0xffffn, 4),
    `1${hex(ticks >> 48n, 3)}`,
    hex(rest >> 48n, 4),
    hex(rest & 0xffff_ffff_ffffn, 12),
  ].join("-");

const anyTicks = fc.bigInt({ min: 0n, max: (1n << 60n) - 1n });
const anyRest = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const anyTime = fc.date({
  min: new Date("2000-01-01T00:00:00Z"),
  max: new Date("2100-01-01T00:00:00Z"),
  noInvalidDate: true,
});

describe("a fact's id", () => {
  test("gives its 60 bits of time back", () => {
    fc.assert(fc.property(anyTicks, anyRest, (t, rest) => ticksOf(idOf(t, rest)) === t));
  });

  test("is ordered by time first, whatever its text says", () => {
    fc.assert(
      fc.property(anyTicks, anyTicks, anyRest, anyRest, (a, b, restA, restB) => {
        fc.pre(a !== b);
        return compareIds(idOf(a, restA), idOf(b, restB)) === (a < b ? -1 : 1);
      }),
    );
  });

  test("of a newer fact may be the smaller text", () => {
    const [older, newer] = ["2026-03-01T10:04:00Z", "2026-03-01T10:05:00Z"].map((time) =>
      lowestIdAt(new Date(time)),
    ) as [string, string];
    expect(newer < older).toBe(true);
    expect(compareIds(newer, older)).toBe(1);
  });

  test("of the same time is ordered byte by signed byte", () => {
    const at = (rest: bigint) => idOf(1n, rest);
    const rising = [0x8080_8080_8080_8080n, 0xff00_0000_0000_0000n, 0n, 0x7f7f_7f7f_7f7f_7f7fn];
    const ids = rising.map(at);
    expect(ids.toReversed().sort(compareIds)).toEqual(ids);
    expect(compareIds(at(5n), at(5n))).toBe(0);
  });

  test("has an order that is total", () => {
    const anyId = fc.tuple(fc.bigInt({ min: 0n, max: 3n }), anyRest).map(([t, r]) => idOf(t, r));
    fc.assert(
      fc.property(anyId, anyId, anyId, (a, b, c) => {
        expect(Math.sign(compareIds(a, b)) + Math.sign(compareIds(b, a))).toBe(0);
        if (compareIds(a, b) <= 0 && compareIds(b, c) <= 0)
          expect(compareIds(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test("says when the fact was stored, to the millisecond", () => {
    fc.assert(
      fc.property(anyTime, (time) => {
        expect(storedAt(lowestIdAt(time))).toEqual(time);
      }),
    );
    expect(storedAt("5b4e33d0-1544-11f1-8001-000000000001").toISOString()).toBe(
      "2026-03-01T07:57:55.900Z",
    );
  });

  test("is never below the boundary of its millisecond and never above the next one's", () => {
    fc.assert(
      fc.property(anyTime, fc.integer({ min: 0, max: 9_999 }), (time, ticks) => {
        // Cassandra's order of the last bytes has no room below 80: the boundary's own.
        const id = idOf(ticksOf(lowestIdAt(time)) + BigInt(ticks), 0x8080_8080_8080_8081n);
        expect(compareIds(lowestIdAt(time), id)).toBe(-1);
        expect(compareIds(id, lowestIdAt(new Date(time.getTime() + 1)))).toBe(-1);
      }),
    );
  });

  test("is a UUID of version 1, in either case", () => {
    expect(isTimeUuid(lowestIdAt(new Date()))).toBe(true);
    expect(isTimeUuid(lowestIdAt(new Date()).toUpperCase())).toBe(true);
    expect(isTimeUuid(crypto.randomUUID())).toBe(false);
    expect(isTimeUuid(`${lowestIdAt(new Date())}0`)).toBe(false);
  });
});

describe("a time bucket", () => {
  test("is the hour in UTC", () => {
    expect(timeBucketOf(new Date("2026-03-01T11:42:59.999Z"))).toBe("20260301110000");
    expect(timeBucketOf(new Date("2026-03-01T01:30:00+02:00"))).toBe("20260228230000");
  });

  test("holds every moment from its start to before its end", () => {
    fc.assert(
      fc.property(anyTime, (time) => {
        const end = endOfBucket(timeBucketOf(time)) ?? new Date(0);
        expect(time.getTime()).toBeLessThan(end.getTime());
        expect(timeBucketOf(new Date(end.getTime() - 1))).toBe(timeBucketOf(time));
        expect(timeBucketOf(end)).not.toBe(timeBucketOf(time));
      }),
    );
  });

  test.each(["20261301000000", "20260230000000", "20260301240000", "00000000000000", "soon"])(
    "is no hour where its digits name none: %s",
    (bucket) => {
      expect(startOfBucket(bucket)).toBeUndefined();
      expect(endOfBucket(bucket)).toBeUndefined();
    },
  );

  test("is ordered by time as text", () => {
    fc.assert(
      fc.property(anyTime, anyTime, (a, b) => {
        if (timeBucketOf(a) < timeBucketOf(b)) expect(a.getTime()).toBeLessThan(b.getTime());
      }),
    );
  });

  test("is named once for each hour between two moments, the first and the last included", () => {
    const between = timeBucketsBetween(
      new Date("2026-02-28T22:59:59.999Z"),
      new Date("2026-03-01T01:00:00Z"),
    );
    expect(between).toEqual([
      "20260228220000",
      "20260228230000",
      "20260301000000",
      "20260301010000",
    ]);
    expect(timeBucketsBetween(new Date(3_600_000), new Date(0))).toEqual([]);
  });
});
