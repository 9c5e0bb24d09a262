import { FEWEST_COMPARABLES } from "./comparables.ts";
import type { SaleCurve } from "./curve.ts";
import { filledAs } from "./led.ts";
import { type Method, restBy } from "./methods.ts";
import { sellOutOf } from "./sell-out.ts";
import { capped, endsOf } from "./spread.ts";
import { pastStands, type Stand, standAt } from "./stand.ts";
import { type Stretch, stretchOf } from "./stretches.ts";
import type { StretchTrial, Trials } from "./trial.ts";

const MINUTE_MS = 60_000;
const FIRST_MINUTES = 20;
const WAVE_SHARE = 0.05;
const WAVE_MS = 72 * 60 * MINUTE_MS;

/**
 * Whether an event sells out. `perhaps`: comparables lead it there, but of past events that were led there as well
 * too few are known, or too few sold out, for a day to be told.
 */
export const outlooks = ["likely", "perhaps", "hardly"] as const;

export type Outlook = (typeof outlooks)[number];

/** Why a forecast is not shown. */
export const unknownReasons = [
  "group",
  "cancelled",
  "notCounted",
  "noLaunchDate",
  "noCapacity",
  "notLaunched",
  "justLaunched",
  "nothingSold",
  "soldOut",
  "saleIsOver",
  "placesAdded",
  "tooFewComparables",
  "notTestedYet",
  "tooFewTested",
  "notBetterThanLine",
  "rangeDoesNotHold",
] as const;

export type UnknownReason = (typeof unknownReasons)[number];

/** Places that were added to an event, or taken from it, at an instant. */
export interface CapacityStep {
  at: number;
  from: number;
  to: number;
}

export interface ForecastOf {
  mine: SaleCurve;
  now: number;
  /** Also where fewer than its capacity were sold: reserved tickets and others under its caps take places. */
  isSoldOut?: boolean;
  comparables: readonly SaleCurve[];
  steps: readonly CapacityStep[];
  /** What the backtest found out by stretch; undefined while it is worked out. */
  trials: Trials | undefined;
}

export interface Between<Value> {
  expected: Value;
  /** Eight of ten times it is between these. */
  low: Value;
  high: Value;
}

export interface KnownForecast {
  known: true;
  method: Method;
  stretch: Stretch;
  comparables: number;
  /** Tickets at the end of the sale. */
  final: Between<number>;
  sellsOut: Outlook;
  /** When the last place goes, in milliseconds; null where that is after the end of the sale, or cannot be said. */
  soldOutAt: Between<number | null>;
}

export interface UnknownForecast {
  known: false;
  reason: UnknownReason;
  stretch: Stretch | null;
  comparables: number;
  /** The wave that everything is forecast anew after. */
  wave: CapacityStep | null;
}

export type Forecast = KnownForecast | UnknownForecast;

export function forecastOf({
  mine,
  now,
  isSoldOut = false,
  comparables,
  steps,
  trials,
}: ForecastOf): Forecast {
  const isLaunched = now >= mine.launch;
  const stretch = isLaunched ? stretchOf(now - mine.launch) : null;
  const unknown = (reason: UnknownReason, wave: CapacityStep | null = null): UnknownForecast => ({
    known: false,
    reason,
    stretch,
    wave,
    comparables: comparables.length,
  });
  if (stretch === null) return unknown("notLaunched");
  if (now >= mine.end) return unknown("saleIsOver");
  const stand = standAt(mine, now);
  const early = isSoldOut ? "soldOut" : earlyReason(stand);
  if (early) return unknown(early);
  const wave = waveBefore(now, steps);
  if (wave) return unknown("placesAdded", wave);
  const past = pastStands(mine, now, comparables);
  if (past.length < FEWEST_COMPARABLES) return unknown("tooFewComparables");
  if (!trials) return unknown("notTestedYet");
  const trial = trials.get(stretch);
  if (!trial?.isGood) return unknown(trial?.reason ?? "tooFewTested");
  return known({ stand, past, trial, now });
}

function earlyReason({ sold, capacity, elapsedMs }: Stand): UnknownReason | undefined {
  if (sold >= capacity) return "soldOut";
  if (elapsedMs < FIRST_MINUTES * MINUTE_MS) return "justLaunched";
  return sold > 0 ? undefined : "nothingSold";
}

/**
 * For three days after many places came nobody knows how they sell: the days before say nothing of it. In
 * however many steps they came; what was taken away again did not come.
 */
function waveBefore(now: number, steps: readonly CapacityStep[]): CapacityStep | null {
  const lately = steps.filter(({ at }) => at <= now && now - at < WAVE_MS);
  const last = lately.at(-1);
  const raised = lately.findLast(({ from, to }) => to > from);
  if (!last || !raised) return null;
  const least = Math.min(
    ...lately.flatMap(({ from, to }) => [from, to]).filter((places) => places > 0),
  );
  const wave = { at: raised.at, from: least, to: last.to };
  return wave.to > wave.from * (1 + WAVE_SHARE) ? wave : null;
}

interface Basis {
  stand: Stand;
  past: ReturnType<typeof pastStands>;
  trial: StretchTrial;
  now: number;
}

function known({ stand, past, trial, now }: Basis): KnownForecast {
  const { method, stretch } = trial;
  const rest = restBy(method, stand, past);
  const ends = endsOf(method, { mine: stand, others: past, rest });
  const { sold, capacity } = stand;
  const led = trial.scores[method]?.led ?? [];
  const isLed = sold + rest >= capacity;
  const fullIn = sellOutOf(method, { mine: stand, others: past, rest, most: ends.freeHigh, led });
  const when = (ms: number) => (Number.isFinite(ms) ? now + ms : null);
  const soldOutAt = {
    expected: when(fullIn.expected),
    low: when(fullIn.low),
    high: when(fullIn.high),
  };
  const all = { rest: capped(rest, stand), low: ends.low, high: ends.high };
  const come = isLed ? filledAs(led, all, capacity - sold) : all;
  const total = (more: number) => Math.round(Math.min(capacity, Math.max(sold, sold + more)));
  return {
    known: true,
    method,
    stretch,
    comparables: past.length,
    final: {
      // Who is sold out by a day has sold all in the end.
      expected: soldOutAt.expected === null ? total(come.rest) : capacity,
      low: soldOutAt.high === null ? total(come.low) : capacity,
      high: soldOutAt.low === null ? total(come.high) : capacity,
    },
    sellsOut: outlookOf({ isLed, ...soldOutAt }),
    soldOutAt,
  };
}

function outlookOf({ isLed, expected, low }: { isLed: boolean } & Between<number | null>): Outlook {
  if (expected !== null) return "likely";
  return isLed && low !== null ? "perhaps" : "hardly";
}
