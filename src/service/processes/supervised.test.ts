import { expect, test } from "bun:test";
import { supervised } from "./supervised.ts";

function started(stopping: AbortSignal) {
  let goes = () => {};
  const left: string[] = [];
  const link = supervised({
    parent: {
      send: () => {},
      onMessage: () => {},
      onGone: (leave) => {
        goes = leave;
      },
    },
    readMetrics: async () => [],
    leave: (reason) => void left.push(reason),
    stopping,
  });
  return { left, parentGoes: () => goes(), end: link.end };
}

test("a process leaves when the one that started it is gone", () => {
  const { left, parentGoes, end } = started(new AbortController().signal);
  parentGoes();
  expect(left).toEqual(["the process that started it is gone"]);
  end();
});

test("a process that is stopping ends in order, though the one that asked for it is gone before", () => {
  const stop = new AbortController();
  const { left, parentGoes, end } = started(stop.signal);
  stop.abort();
  parentGoes();
  expect(left).toEqual([]);
  end();
});
