import { type Alike, mostAlike } from "./comparables.ts";
import { reachedAt, type SaleCurve, soldAt } from "./curve.ts";
import type { Led } from "./led.ts";
import { baselines, hasPace, type Method, methods, restBy } from "./methods.ts";
import { reachedIn } from "./path.ts";
import { capped, endsOf } from "./spread.ts";
import {
  DAY_MS,
  type PastStand,
  pastStands,
  SOLD_OUT_SHARE,
  type Stand,
  standAt,
} from "./stand.ts";
import { stretchOf } from "./stretches.ts";
import type { Attempt, Forecaster, Origin } from "./trial.ts";

/** A sale that is over, as the backtest plays it once more. */
export interface PastSale extends SaleCurve, Alike {
  eventId: string;
}

/** `rolling`: by those alone whose sale had ended by then. `leaveOneOut`: by all others, also later ones. */
export type Knowing = "rolling" | "leaveOneOut";

/** In days; the first are an hour and six. */
const AFTER_LAUNCH = [1 / 24, 1 / 4, 1, 3, 7, 14, 30, 60];
const BEFORE_END = [30, 14, 7];
const SHARES = [0.8, 0.9, 0.95, 1];

interface Played {
  knowing: Knowing;
  /** Origins with fewer comparables are no test: nothing would have been shown. */
  fewest: number;
}

/**
 * Past sales played once more: what each way to forecast would have said at each origin, and what came. One
 * origin at a time, some milliseconds each, so that whoever has other work can do it in between.
 */
export function* originsOf(
  all: readonly PastSale[],
  played: Played,
): Generator<Origin | undefined> {
  for (const mine of all) {
    const others = all.filter((one) => one.eventId !== mine.eventId);
    const asked = { mine, others, ...played };
    for (const days of AFTER_LAUNCH)
      yield originAt({ ...asked, days, at: mine.launch + days * DAY_MS });
    for (const days of BEFORE_END)
      yield originAt({ ...asked, days: -days, at: mine.end - days * DAY_MS });
  }
}

interface Asked extends Played {
  mine: PastSale;
  others: readonly PastSale[];
  days: number;
  at: number;
}

function originAt({ mine, others, days, at, knowing, fewest }: Asked): Origin | undefined {
  const isWithin = at > mine.launch && at < mine.end;
  const stand = standAt(mine, at);
  if (!isWithin || stand.sold <= 0 || stand.sold >= stand.capacity) return undefined;
  const known = knowing === "rolling" ? others.filter(({ end }) => end <= at) : others;
  const past = pastStands(mine, at, mostAlike(mine, known));
  if (past.length < fewest) return undefined;
  const attempts = [...methods, ...baselines]
    .filter((by) => (by !== "B" && by !== "C") || hasPace(stand.elapsedMs / DAY_MS))
    .map((by) => attemptOf(by, { mine, at, stand, past }));
  return {
    eventId: mine.eventId,
    stretch: stretchOf(stand.elapsedMs),
    days,
    at,
    end: mine.end,
    comparables: past.length,
    attempts,
  };
}

interface Tried {
  mine: PastSale;
  at: number;
  stand: Stand;
  past: readonly PastStand[];
}

function attemptOf(by: Forecaster, { mine, at, stand, past }: Tried): Attempt {
  const { sold, capacity } = stand;
  const rest = restBy(by, stand, past);
  // Who draws a line has one number and no range.
  const one = { low: capped(rest, stand), high: capped(rest, stand) };
  const { low, high } = isMethod(by) ? endsOf(by, { mine: stand, others: past, rest }) : one;
  const isLine = by === "C" || by === "pace" || by === "line";
  const way = { mine: stand, others: past, rest, method: isLine ? "C" : "A" } as const;
  return {
    by,
    rest: capped(rest, stand),
    low,
    high,
    sold,
    capacity,
    came: Math.max(0, soldAt(mine, mine.end) - sold),
    dateErrors: SHARES.flatMap((share) => {
      const truth = reachedAt(mine, share * capacity);
      if (sold >= share * capacity || truth === null) return [];
      // Who says that it will not come about is off by at least what is left of the sale.
      const told = reachedIn(share * capacity, way) ?? stand.leftMs;
      return { share, days: Math.abs(at + told - truth) / DAY_MS };
    }),
    led: isMethod(by) ? ledOf(mine, { at, stand, ms: reachedIn(capacity, way) }) : null,
  };
}

function ledOf(
  mine: PastSale,
  { at, stand, ms }: { at: number; stand: Stand; ms: number | null },
): Led | null {
  const soldOutAt = reachedAt(mine, SOLD_OUT_SHARE * mine.capacity) ?? Number.POSITIVE_INFINITY;
  if (ms === null || soldOutAt <= at) return null;
  const came = Math.max(0, soldAt(mine, mine.end) - stand.sold);
  return {
    delay: (soldOutAt - at) / ms,
    filled: Math.min(1, came / (stand.capacity - stand.sold)),
  };
}

const isMethod = (by: Forecaster): by is Method => methods.some((method) => method === by);
