import { expect, test } from "bun:test";
import { rush } from "./rush.ts";

/** Something happens at each pause, behind which the clock has gone on. */
function stage(onPause: (pauses: number) => void = () => {}) {
  let now = 0;
  let pauses = 0;
  return rush({
    now: () => new Date(now),
    async pause(ms) {
      now += ms;
      pauses += 1;
      onPause(pauses);
    },
  });
}

const { signal } = new AbortController();

test("nothing waits where facts come one by one", async () => {
  let waits = 0;
  const { ofFacts, over } = stage(() => {
    waits += 1;
  });
  ofFacts(3);
  await over(signal);
  expect(waits).toBe(0);
});

test("what shows all rows waits until nothing has poured in for a second", async () => {
  let waits = 0;
  const { ofFacts, ofDeliveries, over } = stage((pauses) => {
    waits = pauses;
    if (pauses < 3) ofDeliveries();
    else if (pauses < 6) ofFacts(100);
  });
  ofDeliveries();
  await over(signal);
  expect(waits).toBe(6);
  await over(signal);
  expect(waits).toBe(6);
});

test("a rush without end is waited for a quarter of a minute", async () => {
  let waits = 0;
  const { ofDeliveries, over } = stage((pauses) => {
    waits = pauses;
    ofDeliveries();
  });
  ofDeliveries();
  await over(signal);
  expect(waits).toBe(15);
});

test("whoever is to stop does not wait for the end of a rush", async () => {
  const stop = new AbortController();
  let waits = 0;
  const { ofDeliveries, over } = stage((pauses) => {
    waits = pauses;
    ofDeliveries();
    stop.abort();
  });
  ofDeliveries();
  await over(stop.signal);
  expect(waits).toBe(1);
});
