import { between, seeded } from "../../random.ts";
import { DAY_MS } from "./calendar.ts";
import { normal } from "./demand.ts";
import { seedOf } from "./made-up.ts";
import { PLACES, PLAIN } from "./places.ts";
import type { EventSpec, Moment } from "./spec.ts";

const PAST_EVENTS = 36;
/** One after the other: whoever looks back from any of them finds others that were over by then. */
const EVERY_DAYS = 24;
const NEWEST_DAYS_AGO = 25;
const DAY_MINUTES = 24 * 60;
const SEASONS = ["Winter", "Spring", "Summer", "Autumn"];

/**
 * The seasons before: past events that a forecast can learn from. Of singles alone, without undershops, so
 * that there are many of them for few tickets.
 */
export function pastEvents({ seed, now }: Moment): EventSpec[] {
  const random = seeded(seedOf(seed, "past events"));
  const places = Object.values(PLACES);
  return Array.from({ length: PAST_EVENTS }, (_, n) => {
    const daysAgo = NEWEST_DAYS_AGO + n * EVERY_DAYS + between(random, 0, EVERY_DAYS - 1);
    const place = places[(n * 7) % places.length];
    if (!place) throw new Error("there are no places");
    return {
      ...place,
      key: `past ${n}`,
      name: `HYROX ${place.city} ${seasonOf(now.getTime() - daysAgo * DAY_MS)} {year}`,
      days: 2,
      startsInDays: -daysAgo,
      sellsInMinutes: -(daysAgo + between(random, 75, 170)) * DAY_MINUTES,
      places: between(random, 12, 26) * 100,
      filled: 1,
      demand: drawnDemand(random),
      divisions: "singles",
      names: PLAIN,
      categories: "sums",
      shops: [],
    };
  });
}

/** Some are wanted by half as many as they have places for, and some by half as many more. */
export const drawnDemand = (random: () => number) =>
  Math.min(1.6, Math.max(0.4, Math.exp(-0.15 + 0.35 * normal(random))));

const seasonOf = (at: number) => SEASONS[Math.floor(((new Date(at).getUTCMonth() + 1) % 12) / 3)];
