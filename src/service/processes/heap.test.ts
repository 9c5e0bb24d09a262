import { expect, test } from "bun:test";
import { heapKeeper } from "./heap.ts";

const MB = 1_000_000;

/** A heap in which so much stays in use, whatever is collected. */
function heapOf({ inUse }: { inUse: number }) {
  const heap = {
    used: inUse,
    inUse,
    collections: 0,
    at: 0,
    /** Milliseconds of a collection. */
    takes: 0,
    now: () => heap.at,
    usedBytes: () => heap.used * MB,
    collect() {
      heap.collections += 1;
      heap.at += heap.takes;
      heap.used = heap.inUse;
    },
  };
  const look = heapKeeper(heap);
  look();
  return {
    heap,
    lookAt(used: number) {
      heap.used = used;
      look();
      return heap.collections;
    },
  };
}

test("a process with little garbage is not held up for it", () => {
  const { lookAt } = heapOf({ inUse: 30 });
  expect([35, 45, 52, 31].map(lookAt)).toEqual([0, 0, 0, 0]);
});

test("garbage is collected when it is half of what is in use, and 8 MB besides", () => {
  const { lookAt } = heapOf({ inUse: 30 });
  expect([52, 54, 52, 200].map(lookAt)).toEqual([0, 1, 1, 2]);
});

test("a process that has come to need more is not looked through again and again", () => {
  const { heap, lookAt } = heapOf({ inUse: 30 });
  heap.inUse = 100;
  expect([100, 120, 150, 157, 159].map(lookAt)).toEqual([1, 1, 1, 1, 2]);
});

test("what Bun collected by itself counts: a heap that shrank may not grow to what it was", () => {
  const { lookAt } = heapOf({ inUse: 100 });
  expect([20, 37, 39].map(lookAt)).toEqual([0, 0, 1]);
});

test("a process whose garbage comes fast is held up for a fiftieth of its time", () => {
  const { heap, lookAt } = heapOf({ inUse: 30 });
  heap.takes = 40;
  const collections = Array.from({ length: 6 }, () => {
    heap.at += 1_000;
    return lookAt(200);
  });
  expect(collections).toEqual([1, 1, 2, 2, 3, 3]);
});

test("a process that others hold up while it collects does so again after two seconds", () => {
  const { heap, lookAt } = heapOf({ inUse: 30 });
  heap.takes = 900;
  const collections = Array.from({ length: 4 }, () => {
    heap.at += 1_500;
    return lookAt(200);
  });
  expect(collections).toEqual([1, 1, 2, 2]);
});
