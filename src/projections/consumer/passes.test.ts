import { describe, expect, test } from "bun:test";
import { lowestIdAt } from "../../datacore/time-uuid.ts";
import {
  bucketsOf,
  checkpointAfter,
  checkpointWithin,
  defaultPasses,
  floorOf,
  type Pass,
  resumedFrom,
} from "./passes.ts";

const on = (time: string) => new Date(`2026-03-01T${time}Z`);
const settings = defaultPasses;
const reached = (checkpoint: Date, newestSeen = checkpoint) => ({
  ...{ flowType: "vivenu.event.0", checkpoint, newestSeen, readAt: checkpoint },
});
const floor = (pass: Pass, now: Date, ...seen: Parameters<typeof reached>) =>
  floorOf(pass, now, reached(...seen), settings);

describe("a pass reads from", () => {
  test("the beginning, where nothing was read", () => {
    for (const pass of ["start", "tail", "overlap", "sweep"] as const)
      expect(floorOf(pass, on("11:40:00"), undefined, settings)).toEqual(new Date(0));
  });

  test("ten seconds before the newest fact when it looks at the tail, but no further back than facts come late", () => {
    const now = on("11:40:00");
    expect(floor("tail", now, on("11:34:00"), on("11:39:30"))).toEqual(on("11:39:20"));
    expect(floor("tail", now, on("11:00:00"), on("11:10:00"))).toEqual(on("11:35:00"));
    // The newest fact bears the time of a clock that is ahead.
    expect(floor("tail", now, on("11:34:00"), on("11:44:00"))).toEqual(on("11:39:50"));
  });

  test("five minutes ago when it overlaps, and further back where less was read", () => {
    const now = on("11:40:00");
    expect(floor("overlap", now, on("11:38:00"), on("11:39:30"))).toEqual(on("11:35:00"));
    expect(floor("overlap", now, on("11:20:00"), on("11:39:30"))).toEqual(on("11:20:00"));
    expect(floor("overlap", now, on("11:38:00"), on("11:10:00"))).toEqual(on("11:10:00"));
  });

  test("the hour before as well, in the first quarter of an hour", () => {
    expect(floor("overlap", on("11:14:59"), on("11:12:00"))).toEqual(on("10:55:00"));
    expect(floor("overlap", on("11:15:00"), on("11:12:00"))).toEqual(on("11:10:00"));
  });

  test("three days ago when it sweeps, and two hours before the checkpoint when it starts", () => {
    const now = on("11:40:00");
    expect(floor("sweep", now, on("11:38:00"))).toEqual(new Date("2026-02-26T11:40:00Z"));
    const longAgo = new Date("2026-01-01T00:00:00Z");
    expect(floor("sweep", now, longAgo)).toEqual(longAgo);
    expect(floor("start", now, on("11:38:00"))).toEqual(on("09:38:00"));
  });
});

test("the listed hours from the floor on are read, the last hour and the coming one, each once and in order", () => {
  const listed = ["20260301110000", "20260301080000", "20260301070000"];
  expect(bucketsOf(on("08:10:00"), on("11:40:00"), listed, settings)).toEqual([
    ...["20260301080000", "20260301100000", "20260301110000"],
  ]);
  expect(bucketsOf(on("11:40:00"), on("11:56:00"), [], settings)).toEqual([
    ...["20260301110000", "20260301120000"],
  ]);
});

test("when an hour is read, all before its end is, but for what may still come late", () => {
  expect(checkpointAfter("20260301100000", on("11:40:00"), settings)).toEqual(on("11:00:00"));
  expect(checkpointAfter("20260301110000", on("11:40:00"), settings)).toEqual(on("11:35:00"));
});

test("when a page of an hour is read, all before its last fact is, but for what may still come late", () => {
  const within = (hour: string, ...times: string[]) =>
    checkpointWithin(`20260301${hour}0000`, times.map(idAt), on("11:40:00"), settings);
  const idAt = (time: string) => lowestIdAt(on(time));
  expect(within("10", "10:20:00", "10:20:30")).toEqual(on("10:20:30"));
  expect(within("11", "11:38:00", "11:39:00")).toEqual(on("11:35:00"));
  // In an hour that has facts of another one, or on a page without facts, nothing says what comes behind.
  expect(within("10", "10:20:00", "11:20:00")).toBeUndefined();
  expect(within("10", "09:59:59", "10:20:00")).toBeUndefined();
  expect(within("10")).toBeUndefined();
});

describe("a start that was ended goes on from", () => {
  const place = { from: on("08:00:00"), reached: on("10:20:00"), notedAt: on("11:30:00") };
  test("where it came to, shortly after", () => {
    expect(resumedFrom(on("08:00:00"), place, on("11:40:00"))).toEqual(on("10:20:00"));
    expect(resumedFrom(on("10:30:00"), place, on("11:40:00"))).toEqual(on("10:30:00"));
  });

  test("where any start would begin, if it is long ago, was noted by a clock that ran ahead, or began later", () => {
    const floor = on("08:00:00");
    expect(resumedFrom(floor, place, on("11:45:01"))).toEqual(floor);
    expect(resumedFrom(floor, place, on("11:29:59"))).toEqual(floor);
    expect(resumedFrom(on("07:59:59"), place, on("11:40:00"))).toEqual(on("07:59:59"));
    expect(resumedFrom(floor, undefined, on("11:40:00"))).toEqual(floor);
  });
});

test("what is filed under an hour that is none says nothing of how far was read", () => {
  expect(checkpointAfter("20261301000000", on("11:40:00"), settings)).toBeUndefined();
});
