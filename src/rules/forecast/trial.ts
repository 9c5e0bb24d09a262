import { median } from "../pace.ts";
import { filledAs, type Led } from "./led.ts";
import type { Baseline, Method } from "./methods.ts";
import { methods } from "./methods.ts";
import { type Stretch, stretches } from "./stretches.ts";

export type Forecaster = Method | Baseline;

/** What one way to forecast said of one event at one origin, and what came. */
export interface Attempt {
  by: Forecaster;
  /** Tickets: what was still to come, capped at the capacity as the forecast is, and what really came. */
  rest: number;
  low: number;
  high: number;
  came: number;
  sold: number;
  capacity: number;
  /** Days between forecast and truth for each share of the capacity that was still to be reached and was. */
  dateErrors: readonly { share: number; days: number }[];
  /** Null where comparables did not lead it to its capacity. */
  led: Led | null;
}

export interface Origin {
  eventId: string;
  stretch: Stretch;
  /** Days after launch, or below 0 before the end. */
  days: number;
  /** When it was asked, and when it could be known what came, in milliseconds. */
  at: number;
  end: number;
  comparables: number;
  attempts: readonly Attempt[];
}

export interface Score {
  /** Median of |forecast - came|, tickets. */
  restError: number;
  /** Mean error of the final in percent of the capacity. */
  finalError: number;
  /** Mean pinball loss at 0.1 and 0.9, in percent of the capacity. */
  pinball: number;
  /** How often of a hundred what came was within the range. */
  held: number;
  led: readonly Led[];
}

/** What the backtest found out about one stretch, and whether a forecast may be shown in it. */
export interface StretchTrial {
  stretch: Stretch;
  events: number;
  method: Method;
  scores: Partial<Record<Forecaster, Score>>;
  isGood: boolean;
  reason: "tooFewTested" | "notBetterThanLine" | "rangeDoesNotHold" | null;
}

export const FEWEST_TESTED = 8;
/** A later letter has to be better by so much, so that chance does not choose. */
const CLEARLY_BETTER = 0.95;
/** Of noise chance alone often makes one a little better than a line, and seldom by a quarter. */
const A_QUARTER_BETTER = 0.75;
const HELD_FROM = 65;
const HELD_TO = 95;

export type Trials = ReadonlyMap<Stretch, StretchTrial>;

export function trialsOf(origins: readonly Origin[]): Trials {
  const told = asTold(origins);
  return new Map(stretches.map((stretch) => [stretch, trialOf(stretch, told)]));
}

function trialOf(stretch: Stretch, origins: readonly Origin[]): StretchTrial {
  const mine = origins.filter((one) => one.stretch === stretch);
  const scores = scoresOf(mine.flatMap(({ attempts }) => attempts));
  const best = bestOf(scores);
  const events = new Set(mine.map(({ eventId }) => eventId)).size;
  // Where the best is good in one way and not in another, one that is good in all is shown.
  const others = methods.filter((one) => one !== best);
  const method = [best, ...others].find((one) => !reasonOf(events, one, scores)) ?? best;
  const reason = reasonOf(events, method, scores);
  return { stretch, events, method, scores, isGood: reason === null, reason };
}

/**
 * Each attempt as it would have been told: by what had become, of events that were over by then, of those that
 * comparables led to their capacity as well. Told twice it says the same.
 */
export function asTold(origins: readonly Origin[]): Origin[] {
  const byStretch = Map.groupBy(origins, ({ stretch }) => stretch);
  return origins.map((origin) => {
    const over = (byStretch.get(origin.stretch) ?? []).filter(({ end }) => end <= origin.at);
    const ledBefore = (by: Forecaster) =>
      over.flatMap(({ attempts }) => attempts.find((one) => one.by === by)?.led ?? []);
    const attempts = origin.attempts.map((one) =>
      one.led === null
        ? one
        : { ...one, ...filledAs(ledBefore(one.by), one, one.capacity - one.sold) },
    );
    return { ...origin, attempts };
  });
}

/** The method that was best; a later letter only where it was clearly better. */
export const bestOf = (scores: StretchTrial["scores"]): Method =>
  methods.reduce((best, next) => {
    const [was, is] = [scores[best], scores[next]];
    return was && is && is.finalError < CLEARLY_BETTER * was.finalError ? next : best;
  });

function reasonOf(
  events: number,
  method: Method,
  { [method]: chosen, line, pace }: StretchTrial["scores"],
): StretchTrial["reason"] {
  if (events < FEWEST_TESTED || !chosen || !line || !pace) return "tooFewTested";
  const isBetter =
    chosen.restError < line.restError &&
    // Of wild sales a low forecast is often nearly right, and seldom far too low: the mean counts that.
    chosen.finalError < A_QUARTER_BETTER * line.finalError &&
    chosen.finalError <= pace.finalError &&
    chosen.restError <= pace.restError &&
    chosen.pinball < line.pinball &&
    (method === "C" ? chosen.pinball <= pace.pinball : chosen.pinball < pace.pinball);
  if (!isBetter) return "notBetterThanLine";
  return chosen.held >= HELD_FROM && chosen.held <= HELD_TO ? null : "rangeDoesNotHold";
}

export function scoresOf(attempts: readonly Attempt[]): StretchTrial["scores"] {
  const byName = Map.groupBy(attempts, ({ by }) => by);
  return Object.fromEntries([...byName].map(([by, some]) => [by, scoreOf(some)]));
}

function scoreOf(attempts: readonly Attempt[]): Score {
  const percent = (tickets: number, { capacity }: Attempt) => (100 * tickets) / capacity;
  const isHeld = ({ came, low, high }: Attempt) => came >= low - 0.5 && came <= high + 0.5;
  return {
    restError: median(attempts.map(({ rest, came }) => Math.abs(rest - came))),
    finalError: mean(attempts.map((one) => percent(Math.abs(one.rest - one.came), one))),
    pinball: mean(
      attempts.map((one) =>
        percent((loss(one.came, one.low, 0.1) + loss(one.came, one.high, 0.9)) / 2, one),
      ),
    ),
    held: mean(attempts.map((one) => (isHeld(one) ? 100 : 0))),
    led: attempts.flatMap(({ led }) => led ?? []),
  };
}

const loss = (came: number, end: number, share: number) =>
  came >= end ? share * (came - end) : (1 - share) * (end - came);

export const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
