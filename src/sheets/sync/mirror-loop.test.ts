import { expect, test } from "bun:test";
import { event } from "../../../test/support/found-tab.ts";
import type { Clock } from "../../lib/clock.ts";
import { createLogger } from "../../lib/logger.ts";
import { createMirror } from "./mirror.ts";

/** A spreadsheet that is empty whatever is written, and a clock at which somebody does something. */
function stage(onPause: () => void) {
  const calls: string[] = [];
  const nothing = { tabs: [], takenIds: [] };
  const clock: Clock = {
    now: () => new Date("2026-03-01T12:00:00Z"),
    async pause() {
      onPause();
    },
  };
  const mirror = createMirror({
    spreadsheet: {
      async read() {
        calls.push("read");
        return nothing;
      },
      async write() {
        calls.push("write");
        return nothing;
      },
    },
    readRows: async () => ({ events: [event()], ticketTypes: [] }),
    clock,
    logger: createLogger("silent"),
  });
  return { mirror, calls };
}

test("a mirror that is to stop while it gathers what changed reads and writes nothing more", async () => {
  const stop = new AbortController();
  const { mirror, calls } = stage(() => stop.abort());
  await mirror.run(stop.signal);
  expect(calls).toEqual([]);
});

test("a mirror that goes on reads and writes after each pause", async () => {
  const stop = new AbortController();
  let pauses = 0;
  const { mirror, calls } = stage(() => {
    pauses += 1;
    if (pauses === 4) stop.abort();
  });
  await mirror.run(stop.signal);
  expect(calls).toEqual(["read", "write", "read", "write"]);
  expect(mirror.state.lastFailure).toBeNull();
});
