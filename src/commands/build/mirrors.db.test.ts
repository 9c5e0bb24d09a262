import { expect, test } from "bun:test";
import { handClock, MINUTE } from "../../../test/support/intake.ts";
import { limiter } from "../../sheets/google/limiter.ts";
import { statusLines } from "../../sheets/layout/status-lines.ts";
import { together } from "./mirrors.ts";

test("spreadsheets of one moment share one read, and after a clock was set back none is told what was", async () => {
  const clock = handClock();
  let reads = 0;
  const read = together(async () => (reads += 1), clock);
  expect(await Promise.all([read(), read()])).toEqual([1, 1]);
  clock.forward(MINUTE);
  expect(await read()).toBe(2);
  clock.forward(-60 * MINUTE);
  expect(await read()).toBe(3);
});

test("requests to Google that were made before a clock was set back keep nobody waiting until then", async () => {
  const clock = handClock();
  const { admit } = limiter({ clock, perMinute: 2 });
  await admit("read");
  await admit("read");
  const setBack = clock.forward(-60 * MINUTE);
  await admit("read");
  expect(clock.now()).toEqual(setBack);
});

test("the Status tab's times go on after a clock was set back", () => {
  const clock = handClock();
  const lines = statusLines(5 * MINUTE);
  const status = [{ item: "Version", value: "1", at: null }];
  const rows = { events: [], ticketTypes: [], status };
  const syncAt = () => lines.kept(rows, clock.now()).status?.[0]?.at;
  const first = syncAt();
  clock.forward(MINUTE);
  expect(syncAt()).toBe(first);
  const setBack = clock.forward(-60 * MINUTE).toISOString();
  expect(syncAt()).toBe(setBack);
});
