import { describe, expect, jest, test } from "bun:test";
import { STANDING_MS, standingWatch } from "./standing.ts";

const since = new Date("2026-03-01T10:00:00.000Z");
const now = () => since;

function stage(limitMs = 20) {
  const told: string[] = [];
  const watcher = standingWatch(
    {
      onStanding: (name, at) => told.push(`${name} stands since ${at.toISOString()}`),
      onGoing: (name) => told.push(`${name} goes on`),
    },
    limitMs,
  );
  return { told, ...watcher };
}

test("work that is under way for too long is told of, and told of again when it ends", async () => {
  const { told, watch } = stage();
  const work = Promise.withResolvers<string>();
  const watched = watch("the reading", now, () => work.promise);
  while (told.length === 0) await Bun.sleep(5);
  expect(told).toEqual(["the reading stands since 2026-03-01T10:00:00.000Z"]);
  work.resolve("rows");
  expect(await watched).toBe("rows");
  expect(told.at(-1)).toBe("the reading goes on");
});

test("work that ends in its time, well or not, is told of to nobody", async () => {
  const { told, watch } = stage(200);
  expect(await watch("a", now, async () => 1)).toBe(1);
  const failed = watch("b", now, async () => {
    throw new Error("no");
  });
  await expect(failed).rejects.toThrow("no");
  await Bun.sleep(250);
  expect(told).toEqual([]);
});

test("of several that stand under one name the last that ends is the end of it", async () => {
  const { told, begin } = stage(10);
  const [one, two] = [begin("reads", now), begin("reads", now)];
  while (told.length < 2) await Bun.sleep(5);
  one.end();
  expect(told).toHaveLength(2);
  two.end();
  expect(told.at(-1)).toBe("reads goes on");
});

describe("work that gets something done now and then", () => {
  function hours(work: (progress: () => void) => void) {
    jest.useFakeTimers();
    try {
      const { told, watch } = stage(STANDING_MS);
      const ended = Promise.withResolvers<void>();
      let progress = () => {};
      const watched = watch("the poll", now, (goesOn) => {
        progress = goesOn;
        return ended.promise;
      });
      work(() => progress());
      return {
        ...{ told, progress },
        async end() {
          ended.resolve();
          await watched;
        },
      };
    } finally {
      jest.useRealTimers();
    }
  }

  test("is told of to nobody, however long it takes", async () => {
    const { told, end } = hours((progress) => {
      for (let seconds = 0; seconds < 6 * 3_600; seconds += 40) {
        jest.advanceTimersByTime(40_000);
        progress();
      }
    });
    await end();
    expect(told).toEqual([]);
  });

  test("is told of within a minute after the last of it, and as going on at the next", () => {
    const { told } = hours((progress) => {
      jest.advanceTimersByTime(30_000);
      progress();
      jest.advanceTimersByTime(60_000);
      progress();
      jest.advanceTimersByTime(30_000);
    });
    expect(told).toEqual(["the poll stands since 2026-03-01T10:00:00.000Z", "the poll goes on"]);
  });

  test("is over when it ends: what is heard of it later begins nothing anew", async () => {
    const { progress, told, end } = hours(() => {});
    await end();
    jest.useFakeTimers();
    progress();
    jest.advanceTimersByTime(60_000);
    jest.useRealTimers();
    expect(told).toEqual([]);
  });
});
