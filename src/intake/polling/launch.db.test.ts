import { describe, expect, test } from "bun:test";
import { HOUR, MINUTE } from "../../../test/support/intake.ts";
import { launchPhaseAt, nextCountAt, defaultIncrementalPace as pace } from "./launch.ts";

/** Every instant at which an account's changes are counted, in minutes from the first opening. */
function countedFor(openings: readonly number[], from: number, until: number) {
  const [opening = 0] = openings;
  const minutes: number[] = [];
  let followedAt = new Date(from);
  while (followedAt.getTime() < until) {
    let now = followedAt.getTime();
    while (nextCountAt(openings, followedAt, new Date(now), pace).getTime() > now) now += MINUTE;
    followedAt = new Date(now);
    minutes.push((now - opening) / MINUTE);
  }
  return minutes;
}

const opens = {
  // The local noon of the day on which clocks go forward, and the midnight before it.
  "Los Angeles": "2026-03-08T12:00:00-07:00",
  "Los Angeles at midnight": "2026-03-08T00:00:00-08:00",
  // Clocks go back at 03:00.
  Sydney: "2026-04-05T12:00:00+10:00",
  "Sydney at midnight": "2026-04-05T00:00:00+11:00",
};

for (const [where, moment] of Object.entries(opens))
  test(`a launch in ${where} is counted every minute, then less and less`, () => {
    const opening = Date.parse(moment);
    const minutes = countedFor([opening], opening - 130 * MINUTE, opening + 27 * HOUR);
    const between = (from: number, until: number) =>
      minutes.filter((minute) => minute >= from && minute < until);
    expect(minutes.slice(0, 3)).toEqual([-70, -10, -5]);
    expect(between(-5, 180)).toHaveLength(185);
    expect(between(190, 24 * 60)).toHaveLength(125);
    expect(between(24 * 60 + 10, 27 * 60)).toHaveLength(3);
  });

describe("launch mode", () => {
  test("is entered for an undershop's window as for the public one", () => {
    const publicSale = Date.parse("2026-06-10T10:00:00Z");
    const presale = publicSale - 48 * HOUR;
    const modeAt = (ms: number) => launchPhaseAt([publicSale, presale], new Date(ms), pace);
    expect(modeAt(presale - 6 * MINUTE)).toBe("calm");
    expect(modeAt(presale - 5 * MINUTE)).toBe("launch");
    expect(modeAt(presale + 3 * HOUR)).toBe("after");
    expect(modeAt(presale + 24 * HOUR)).toBe("calm");
    expect(modeAt(publicSale)).toBe("launch");
  });

  test("begins again at once when a launch is moved", () => {
    const now = new Date("2026-06-10T10:00:00Z");
    const followedAt = new Date(now.getTime() - 10 * MINUTE);
    const inAMonth = now.getTime() + 700 * HOUR;
    expect(nextCountAt([inAMonth], followedAt, now, pace).getTime()).toBe(
      followedAt.getTime() + HOUR,
    );
    expect(nextCountAt([now.getTime() + MINUTE], followedAt, now, pace) <= now).toBe(true);
  });

  test("is nothing for an account without events", () => {
    expect(launchPhaseAt([], new Date(), pace)).toBe("calm");
  });
});
