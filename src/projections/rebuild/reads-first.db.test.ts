import { expect, test } from "bun:test";
import { fakeClock } from "../../../test/fixtures/vivenu/scripted.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { until } from "../../../test/support/stage.ts";
import { readsFirst, readsTeller } from "./reads-first.ts";

const PAGE_MS = 100;
const REST_MS = 300;

async function stage() {
  const { sql } = await reusedDatabase();
  const clock = fakeClock();
  const turns = await readsFirst(sql, { clock, signal: new AbortController().signal });
  const page = () => turns.turn(() => clock.pause(PAGE_MS));
  return {
    ...{ clock, turns, page },
    [Symbol.asyncDispose]: () => turns[Symbol.asyncDispose](),
    /** Until the replay has heard of it. */
    async read() {
      readsTeller(sql)();
      await until(
        async () => {
          await page();
          return clock.pauses.at(-1) === REST_MS;
        },
        { withinMs: 5_000, what: "a replay that rests" },
      );
      clock.pauses.length = 0;
    },
  };
}

test("a replay rests for three times as long as a page took while somebody reads, and not before or after", async () => {
  await using replay = await stage();
  const { clock, page } = replay;
  await page();
  await page();
  expect(clock.pauses).toEqual([PAGE_MS, PAGE_MS]);
  await replay.read();
  await page();
  await page();
  expect(clock.pauses).toEqual([PAGE_MS, REST_MS, PAGE_MS, REST_MS]);
  await clock.pause(3_000);
  clock.pauses.length = 0;
  await page();
  expect(clock.pauses).toEqual([PAGE_MS]);
});

test("a replay keeps one page at a time while somebody reads, and a page that fails holds up no other", async () => {
  await using replay = await stage();
  await replay.read();
  const { turn } = replay.turns;
  const done: string[] = [];
  const working = (name: string) => async () => {
    done.push(`${name} begins`);
    await Promise.resolve();
    done.push(`${name} ends`);
    if (name === "a") throw new Error("a cannot be kept");
  };
  const ends = ["a", "b", "c"].map((name) => turn(working(name)));
  const outcomes = await Promise.allSettled(ends);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  expect(done).toEqual(["a", "b", "c"].flatMap((name) => [`${name} begins`, `${name} ends`]));
});

test("what is read is told of once a second at most", async () => {
  const { sql } = await reusedDatabase();
  let heard = 0;
  const { unlisten } = await sql.listen("reads", () => {
    heard += 1;
  });
  let at = 0;
  const tellRead = readsTeller(sql, () => at);
  for (at = 0; at < 2_000; at += 10) tellRead();
  const heardTimes = (times: number) =>
    until(async () => heard === times, { withinMs: 5_000, what: `${times} words` });
  await heardTimes(2);
  // Words come in their order: with this one all before it would be there.
  await sql.notify("reads", "");
  await heardTimes(3);
  await unlisten();
});
