import { between, type Random } from "../../random.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, offsetMs } from "./calendar.ts";

/** How what people want of one event falls over the time in which it is sold. */
export interface Demand {
  /** The share of all of it that came by an instant, from 0 to 1. */
  by(at: Date): number;
  /** When this share had come. */
  when(share: number): Date;
}

export interface Selling {
  from: Date;
  /** When the sale is to end, whether or not that is still to come. */
  until: Date;
  timezone: string;
}

/** Evenings and the middle of the day sell, nights do not; by the hours of the event's own clock. */
const HOURS = [
  ...[0.5, 0.25, 0.12, 0.08, 0.08, 0.15, 0.35, 0.7, 0.9, 1, 1.05, 1.15],
  ...[1.3, 1.2, 1.05, 1, 1.05, 1.2, 1.4, 1.7, 1.9, 1.8, 1.4, 0.9],
];
/** From Sunday on. */
const WEEKDAYS = [1.25, 1.1, 1, 1, 0.95, 0.8, 0.95];
const RUSH_DAYS = 21;
const DAY_HOURS = 24;

/** One slot of the sale, and how much of the demand falls into it. */
interface Slot {
  at: number;
  weight: number;
}

/** A launch of 20 to 80 %, and behind it no two sales are alike. */
export function demandOf(random: Random, { from, until, timezone }: Selling): Demand {
  const launch = from.getTime();
  const end = Math.max(until.getTime(), launch + MINUTE_MS);
  const clock = launch + offsetMs(from, timezone);
  const first = scaled(launchDay(random, launch, end, clock), 0.2 + 0.6 * random());
  const later = laterDays(random, launch, end, clock);
  const launched = first.reduce((sum, { weight }) => sum + weight, 0);
  return along([...first, ...scaled(later, 1 - launched)], end);
}

/** A queue at the door, gone within the hour or within the morning, and a day that thins out. */
function launchDay(random: Random, launch: number, end: number, clock: number): Slot[] {
  const step = 5 * MINUTE_MS;
  const fades = between(random, 10, 90) * MINUTE_MS;
  const queue = 0.3 + 0.5 * random();
  const slots = slotsOf(launch, Math.min(end, launch + DAY_MS), step);
  const queued = slots.map((at) => ({ at, weight: Math.exp((launch - at) / fades) }));
  const day = slots.map((at) => ({
    at,
    weight: hourly(clock + at - launch) / (1 + (at - launch) / HOUR_MS) ** 0.7,
  }));
  const thin = scaled(day, 1 - queue);
  return scaled(queued, queue).map(({ at, weight }, n) => ({
    at,
    weight: weight + (thin[n]?.weight ?? 0),
  }));
}

function laterDays(random: Random, launch: number, end: number, clock: number): Slot[] {
  const decay = 0.2 + 0.8 * random();
  const days = (end - launch) / DAY_MS;
  const slots = slotsOf(launch + DAY_MS, end, HOUR_MS);
  const dayOf = (at: number) => (at - launch) / DAY_MS;
  const moods = Array.from({ length: Math.ceil(days) + 1 }, () => Math.exp(0.25 * normal(random)));
  const steps = priceSteps(random, days);
  const usual = slots.map((at) => ({
    at,
    weight:
      dayOf(at) ** -decay *
      hourly(clock + at - launch) *
      weekly(clock + at - launch) *
      (moods[Math.floor(dayOf(at))] ?? 1) *
      steps(dayOf(at)),
  }));
  const rush = slots.map((at) => ({
    at,
    weight: hourly(clock + at - launch) * Math.exp((-4 * (days - dayOf(at))) / RUSH_DAYS),
  }));
  const waves = Array.from({ length: between(random, 0, 2) }, () => {
    const begins = 2 + random() * Math.max(0, days - 4);
    const wave = slots.map((at) => ({
      at,
      weight: dayOf(at) < begins ? 0 : Math.exp((begins - dayOf(at)) / 1.5),
    }));
    return scaled(wave, 0.03 + 0.12 * random());
  });
  return sumOf([usual, scaled(rush, 0.04 + 0.21 * random()), ...waves]);
}

/** Who hesitates buys before a price goes up, and is missing afterwards. */
function priceSteps(random: Random, days: number) {
  const steps = Array.from({ length: between(random, 0, 3) }, () => random() * days);
  return (day: number) =>
    steps.reduce((times, step) => {
      if (day < step) return times * (1 + 2.5 * Math.exp((day - step) / 1.2));
      return day < step + 5 ? times * 0.6 : times;
    }, 1);
}

const hourly = (clock: number) => HOURS[new Date(clock).getUTCHours()] ?? 1;
const weekly = (clock: number) => WEEKDAYS[new Date(clock).getUTCDay()] ?? 1;

/** How much more, or less, is sold at such a moment than on average. */
export const liveliness = (at: Date, timezone: string) => {
  const clock = at.getTime() + offsetMs(at, timezone);
  const usual = HOURS.reduce((sum, hour) => sum + hour, 0) / DAY_HOURS;
  return (hourly(clock) * weekly(clock)) / usual;
};

const slotsOf = (from: number, until: number, step: number) =>
  Array.from({ length: Math.max(0, Math.ceil((until - from) / step)) }, (_, n) => from + n * step);

function scaled(slots: readonly Slot[], share: number): Slot[] {
  const total = slots.reduce((sum, { weight }) => sum + weight, 0);
  return slots.map(({ at, weight }) => ({ at, weight: total > 0 ? (share * weight) / total : 0 }));
}

/** The first is brought to one whole beside which the others are shares. */
function sumOf([usual = [], ...more]: Slot[][]): Slot[] {
  return scaled(usual, 1).map(({ at, weight }, n) => ({
    at,
    weight: more.reduce((sum, slots) => sum + (slots[n]?.weight ?? 0), weight),
  }));
}

function along(slots: readonly Slot[], end: number): Demand {
  const total = slots.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const ends = [...slots.slice(1).map(({ at }) => at), end];
  const shares: number[] = [];
  for (const { weight } of slots) shares.push((shares.at(-1) ?? 0) + weight / total);
  const within = (n: number, from: readonly number[], to: readonly number[], value: number) => {
    const [low = 0, high = low] = [from[n], to[n]];
    return high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0;
  };
  const starts = slots.map(({ at }) => at);
  const before = [0, ...shares];
  return {
    by(at) {
      const n = firstAbove(ends, at.getTime());
      if (n === slots.length) return 1;
      const [low = 0, high = low] = [before[n], shares[n]];
      return low + (high - low) * within(n, starts, ends, at.getTime());
    },
    when(share) {
      const n = Math.min(firstAbove(shares, share), slots.length - 1);
      const [from = end, to = from] = [starts[n], ends[n]];
      return new Date(Math.floor(from + (to - from) * within(n, before, shares, share)));
    },
  };
}

function firstAbove(sorted: readonly number[], value: number) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Of mean 0 and deviation 1. */
export const normal = (random: Random) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
