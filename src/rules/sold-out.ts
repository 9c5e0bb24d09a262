import type { InstantLike } from "./instant.ts";

/** What is left of an event or a ticket type; null where it was never counted. */
export interface LevelNumbers {
  capacity: number;
  available: number | null;
  percentSold: number | null;
  /** Of `available`, what ticket types that are switched on leave; absent where nothing is on sale. */
  availableToBuy?: number | null;
  /** How many ticket types are switched on. */
  typesOnSale?: number;
}

/** What was left at one instant. */
export interface Level extends LevelNumbers {
  at: InstantLike;
}

export interface SoldOutPolicy {
  /** Percentages sold from which on it is nearly sold out. */
  nearlyFromPercents: readonly number[];
  /** So many points below one of them it is not nearly sold out any more. */
  rearmPoints: number;
  /** What was sold out is open again when so many places are left, or so much of its capacity. */
  reopenPlaces: number;
  reopenPercent: number;
}

export const defaultSoldOutPolicy: SoldOutPolicy = {
  nearlyFromPercents: [80, 95],
  rearmPoints: 5,
  reopenPlaces: 5,
  reopenPercent: 1,
};

interface Quantities {
  available: number;
  availableToBuy: number;
  percentSold: number;
}

/** What was left, and what was left before: null where this is the first that is known. */
interface Left extends Pick<Level, "at" | "capacity">, Quantities {
  before: Quantities | null;
}

/**
 * - `nearly`    few places are left
 * - `soldOut`   no place is left
 * - `paused`    places are left, and all in ticket types that are switched off
 * - `reopened`  there are places to buy again; `after` says what there was before
 */
export type SoldOutMoment = Left &
  (
    | { kind: "nearly"; percent: number }
    | { kind: "soldOut" }
    | { kind: "paused" }
    | { kind: "reopened"; after: "soldOut" | "paused" }
  );

/** What of the levels so far says whether the next one is news. */
export interface WatchState {
  /** The percentages that are sold. */
  reached: readonly number[];
  soldOut: boolean;
  paused: boolean;
  typesBefore: number;
  before: Left["before"];
}

/** Tells of one level after the other; they have to come in their order. */
export interface SoldOutWatch {
  tell(level: Level): SoldOutMoment | undefined;
  /** From which another watch goes on: what it does not say is as it was at the beginning. */
  state(): Partial<WatchState>;
}

const NOTHING_SEEN: WatchState = {
  reached: [],
  soldOut: false,
  paused: false,
  typesBefore: 0,
  before: null,
};

/**
 * When something was nearly sold out, sold out or switched off, and open again, told once each: a single place
 * that comes and goes is no news.
 */
export function soldOutWatch(
  policy: SoldOutPolicy = defaultSoldOutPolicy,
  from: Partial<WatchState> = {},
): SoldOutWatch {
  const percents = policy.nearlyFromPercents.toSorted((one, other) => one - other);
  const seen = { ...NOTHING_SEEN, ...from };
  const reached = new Set<number>(seen.reached);
  let { soldOut, paused, typesBefore, before } = seen;

  return {
    tell,
    // An event has hundreds, and of most of them nothing is to be said but what was left.
    state: () => ({
      before,
      ...(reached.size > 0 && { reached: [...reached] }),
      ...(soldOut && { soldOut }),
      ...(paused && { paused }),
      ...(typesBefore > 0 && { typesBefore }),
    }),
  };

  function tell(level: Level): SoldOutMoment | undefined {
    const { at, capacity, available, percentSold, typesOnSale = 0 } = level;
    if (available === null || percentSold === null || capacity <= 0) return undefined;
    const availableToBuy = level.availableToBuy ?? available;
    const now = { available, availableToBuy, percentSold };
    const left: Left = { at, capacity, ...now, before };
    const isSwitchedOn = typesOnSale > typesBefore;
    before = now;
    typesBefore = typesOnSale;
    const percent = newlyReached(percentSold);
    if (available <= 0) {
      const wasSoldOut = soldOut;
      soldOut = true;
      return wasSoldOut ? undefined : { ...left, kind: "soldOut" };
    }
    if (availableToBuy <= 0) {
      const wasGone = soldOut || paused;
      paused = true;
      return wasGone ? undefined : { ...left, kind: "paused" };
    }
    if (soldOut || paused) {
      // What is not on sale by its dates has not come back.
      if (paused && level.availableToBuy === undefined) return undefined;
      // Who switches a ticket type on means it, however few places it has.
      const isMeant = paused && isSwitchedOn;
      if (!isMeant && !isOpenAgain(availableToBuy, capacity, policy)) return undefined;
      const after = paused ? "paused" : "soldOut";
      soldOut = false;
      paused = false;
      return { ...left, kind: "reopened", after };
    }
    return percent === undefined ? undefined : { ...left, kind: "nearly", percent };
  }

  /** Only the highest: who passes 95 % at once need not hear of 80 %. */
  function newlyReached(percentSold: number) {
    for (const percent of reached)
      if (percentSold < percent - policy.rearmPoints) reached.delete(percent);
    const isNew = percents.filter((percent) => percentSold >= percent && !reached.has(percent));
    for (const percent of isNew) reached.add(percent);
    return isNew.at(-1);
  }
}

/**
 * Whether the level says what was left before where nothing was gone: then a watch that goes on from this
 * state tells nothing of it and stays as it is. An event has hundreds of ticket types, and few change.
 */
export const isAsBefore = (
  { before, soldOut = false, paused = false, typesBefore = 0 }: Partial<WatchState>,
  { capacity, available, availableToBuy = available, percentSold, typesOnSale = 0 }: LevelNumbers,
): boolean =>
  !soldOut &&
  !paused &&
  capacity > 0 &&
  typesBefore === typesOnSale &&
  before?.available === available &&
  before.availableToBuy === availableToBuy &&
  before.percentSold === percentSold;

/** Whether two say the same: who was told of the one hears nothing in the other. */
export const isSameLevel = (one: LevelNumbers, other: LevelNumbers): boolean =>
  one.available === other.available &&
  one.percentSold === other.percentSold &&
  one.capacity === other.capacity &&
  one.availableToBuy === other.availableToBuy &&
  one.typesOnSale === other.typesOnSale;

const isOpenAgain = (available: number, capacity: number, policy: SoldOutPolicy) =>
  available >= policy.reopenPlaces ||
  available >= Math.max(1, (capacity * policy.reopenPercent) / 100);
