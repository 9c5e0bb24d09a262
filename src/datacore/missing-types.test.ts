import { expect, test } from "bun:test";
import { fakeClock } from "../../test/fixtures/vivenu/scripted.ts";
import { missingTypes } from "./missing-types.ts";

const COUNTED = "sales.counted.0";
const UPDATED = "event.updated.0";

test("of a type that the data core lacks one fact asks after a second, then after twice as long, up to 20 s", async () => {
  const clock = fakeClock();
  const missing = missingTypes(clock);
  for (const seconds of [1, 2, 4, 8, 16, 20, 20]) {
    missing.note(COUNTED, "404");
    expect([missing.isPaused(COUNTED), missing.due()]).toEqual([true, []]);
    await clock.pause(seconds * 1_000 - 1);
    expect([missing.isPaused(COUNTED), missing.due()]).toEqual([true, []]);
    await clock.pause(1);
    expect([missing.isPaused(COUNTED), missing.due()]).toEqual([false, [COUNTED]]);
  }
});

test("several facts of a type that are refused at once are one try", async () => {
  const clock = fakeClock();
  const missing = missingTypes(clock);
  for (let n = 0; n < 5; n += 1) missing.note(COUNTED, "404");
  await clock.pause(1_000);
  expect(missing.due()).toEqual([COUNTED]);
  for (let n = 0; n < 5; n += 1) missing.note(COUNTED, "404");
  await clock.pause(1_999);
  expect(missing.due()).toEqual([]);
  await clock.pause(1);
  expect(missing.due()).toEqual([COUNTED]);
});

test("each type rests by itself, says why, and is known no more once it is taken", async () => {
  const clock = fakeClock();
  const missing = missingTypes(clock);
  expect([missing.isKnown(COUNTED), missing.isPaused(COUNTED)]).toEqual([false, false]);
  missing.note(COUNTED, "no such type");
  await clock.pause(1_000);
  missing.note(UPDATED, "no such flow");
  expect(missing.all()).toEqual([COUNTED, UPDATED]);
  expect(missing.due()).toEqual([COUNTED]);
  expect(missing.reasons()).toEqual([`${COUNTED}: no such type`, `${UPDATED}: no such flow`]);
  missing.forget(COUNTED);
  expect([missing.isKnown(COUNTED), missing.all()]).toEqual([false, [UPDATED]]);
  missing.note(COUNTED, "no such type");
  await clock.pause(1_000);
  expect(missing.due()).toEqual([UPDATED, COUNTED]);
});
