import { expect, test } from "bun:test";
import { createRoom, type Share } from "./room.ts";

/** A room of 100 bytes, and who was put out of it. */
function small() {
  let at = 0;
  const evicted: string[] = [];
  const room = createRoom(100, () => at);
  const ask = (name: string, bytes: number) => room.open(bytes, () => void evicted.push(name));
  const wait = (ms: number) => {
    at += ms;
  };
  /** Where the test is about something else than whether there is room. */
  function take(name: string, bytes: number): Share {
    const share = ask(name, bytes);
    if (!share) throw new Error(`no room for ${name}`);
    return share;
  }
  return { evicted, ask, take, wait };
}

test("what fits is taken, and given back it is room again", () => {
  const { take, ask, evicted } = small();
  const one = take("one", 60);
  const two = take("two", 40);
  expect(ask("three", 60)).toBeUndefined();
  one.close();
  one.close();
  expect(two.resize(100)).toBe(true);
  expect(two.resize(101)).toBe(false);
  two.resize(10);
  take("four", 90);
  expect(evicted).toEqual([]);
});

test("who asks for more than all gets all, and not more", () => {
  const { take, ask } = small();
  const all = take("all", 120);
  expect(ask("another", 100)).toBeUndefined();
  all.close();
  take("one", 60);
  expect(ask("all", 120)).toBeUndefined();
});

test("who asks for less takes the place of who asked for more and has had it longest", () => {
  const { take, ask, evicted, wait } = small();
  for (const name of ["a", "b", "c", "d"]) {
    take(name, 25);
    wait(100);
  }
  const quick = take("quick", 24);
  expect(evicted).toEqual(["a"]);
  expect(ask("the next that is as large", 25)).toBeUndefined();
  expect(evicted).toEqual(["a"]);
  expect(quick.pin()).toBe(true);
});

test("who has had his share for long makes room for anybody", () => {
  const { take, ask, evicted, wait } = small();
  for (let i = 0; i < 10; i += 1) take(`slow ${i}`, 10);
  wait(2_000);
  expect(ask("large", 100)).toBeUndefined();
  wait(1);
  take("large", 35);
  expect(evicted).toEqual(["slow 0", "slow 1", "slow 2", "slow 3"]);
});

test("the longest is put out first, however small, and of those that are not long the largest", () => {
  const { take, evicted, wait } = small();
  take("small and very long", 10);
  wait(1_000);
  take("large and long", 50);
  wait(2_001);
  take("young and larger", 25);
  take("young", 15);
  take("one", 10);
  expect(evicted).toEqual(["small and very long"]);
  take("two", 10);
  expect(evicted).toEqual(["small and very long", "large and long"]);
  take("three", 40);
  take("four", 14);
  expect(evicted.slice(2)).toEqual(["three"]);
});

test("nobody is put out where it would not be enough", () => {
  const { take, ask, evicted } = small();
  take("signed", 50).pin();
  take("large", 40);
  expect(ask("new", 39)).toBeDefined();
  expect(evicted).toEqual(["large"]);
  expect(ask("larger", 60)).toBeUndefined();
  expect(evicted).toEqual(["large"]);
});

test("what is signed is never put out, and who was put out is told so", () => {
  const { take, ask, evicted, wait } = small();
  const signed = take("signed", 50);
  const slow = take("slow", 40);
  expect(signed.pin()).toBe(true);
  wait(10_000);
  take("late", 50);
  expect(evicted).toEqual(["slow"]);
  expect([slow.pin(), slow.resize(1)]).toEqual([false, false]);
  expect(ask("later", 49)).toBeDefined();
  expect(evicted).toEqual(["slow", "late"]);
});

test("a signed body may take the place of any that is not, however young and small", () => {
  const { take, evicted, wait } = small();
  const signed = take("signed", 50);
  signed.pin();
  wait(5_000);
  take("young", 50);
  expect(signed.resize(100)).toBe(true);
  expect(evicted).toEqual(["young"]);
});
