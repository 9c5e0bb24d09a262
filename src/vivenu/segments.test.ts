import { describe, expect, test } from "bun:test";
import { aim, isComplete, narrow, type Segment } from "./segments.ts";

/** Two stretches that meet, with four and six tickets, of which some are known. */
const first: Segment = { from: 0, until: 9, total: 4, known: [2, 9] };
const second: Segment = { from: 10, until: 19, total: 6, known: [10, 17] };
const meeting = [first, second];

describe("what an answer says of a stretch of time", () => {
  test("leaves the rest to what is behind it", () => {
    expect(narrow(meeting, { from: 0, until: 10, total: 5, fresh: [0, 1] })).toEqual([
      { from: 0, until: 10, total: 5, known: [2, 9, 10, 0, 1] },
      { from: 11, until: 19, total: 5, known: [17] },
    ]);
  });

  test("leaves the rest to what is before it", () => {
    expect(narrow(meeting, { from: 9, until: 19, total: 7, fresh: [15] })).toEqual([
      { from: 0, until: 8, total: 3, known: [2] },
      { from: 9, until: 19, total: 7, known: [9, 10, 17, 15] },
    ]);
  });

  test("says nothing of a stretch that it does not touch", () => {
    expect(narrow(meeting, { from: 10, until: 19, total: 6, fresh: [11, 12] })).toEqual([
      first,
      { ...second, known: [10, 17, 11, 12] },
    ]);
    expect(narrow(meeting.toReversed(), { from: 0, until: 4, total: 2, fresh: [3] })).toEqual([
      { from: 0, until: 4, total: 2, known: [2, 3] },
      { from: 5, until: 9, total: 2, known: [9] },
      second,
    ]);
  });

  test.each([
    ["another number in all", { from: 0, until: 19, total: 9, fresh: [] }],
    ["fewer than are known of it", { from: 0, until: 10, total: 2, fresh: [] }],
    [
      "so many that those known elsewhere have no room",
      { from: 0, until: 10, total: 10, fresh: [] },
    ],
  ])("is no truth where it has %s", (_, answer) => {
    expect(narrow(meeting, answer)).toBeUndefined();
  });

  test("completes it when as many are known as there are", () => {
    const [whole] = narrow(meeting, { from: 0, until: 9, total: 4, fresh: [0, 1] }) ?? [];
    expect(whole && isComplete(whole)).toBe(true);
    expect(meeting.some(isComplete)).toBe(false);
  });
});

describe("the next page is asked for", () => {
  test("over whole stretches, while they fit it and meet", () => {
    expect(aim(meeting, 10, 1)).toEqual({ from: 0, until: 19, estimated: false });
    const apart = [first, { ...second, from: 11 }];
    expect(aim(apart, 10, 1)).toEqual({ from: 0, until: 9, estimated: false });
    expect(aim([], 10, 1)).toBeUndefined();
  });

  test("over a whole stretch that does not fit if nothing is known of it, or next to nothing", () => {
    expect(aim([{ ...first, known: [] }], 2, 1)).toEqual({ from: 0, until: 9, estimated: false });
    expect(aim([{ from: 0, until: 99, total: 50, known: [70] }], 10, 1)).toEqual({
      ...{ from: 0, until: 69, estimated: false },
    });
  });

  test("as far as what is known lets expect, in whatever order it was learned, and a little less", () => {
    const known = Array.from({ length: 40 }, (_, at) => 10 * at).toReversed();
    const sampled = { from: 0, until: 400, total: 80, known };
    // 20 of 80 tickets are 10 of the 40 that are known; of these 6.2 are counted on.
    expect(aim([sampled], 20, 1)).toEqual({ from: 0, until: 59, estimated: true });
    // Twice as many, and 14.6 of these.
    expect(aim([sampled], 20, 2)).toEqual({ from: 0, until: 139, estimated: true });
    expect(aim([sampled], 20, 64)).toEqual({ from: 0, until: 400, estimated: true });
  });

  test("behind whole stretches only as far as there is room left", () => {
    const known = Array.from({ length: 40 }, (_, at) => 10 + 10 * at);
    const behind = { from: 10, until: 410, total: 80, known };
    expect(aim([first, behind], 24, 1)).toEqual({ from: 0, until: 69, estimated: true });
  });

  test("at one instant at least, where all tickets were created at one", () => {
    const instant = { from: 5, until: 6, total: 50, known: [5, 5, 5] };
    expect(aim([instant], 10, 1)).toEqual({ from: 5, until: 5, estimated: false });
  });
});
