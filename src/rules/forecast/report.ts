import { median } from "../pace.ts";
import { stretches } from "./stretches.ts";
import {
  type Attempt,
  asTold,
  bestOf,
  FEWEST_TESTED,
  type Forecaster,
  mean,
  type Origin,
  type Score,
  scoresOf,
} from "./trial.ts";

export type Line = Forecaster | "chosen";

/** How good one way to forecast was at one origin. */
export interface ReportRow extends Score {
  /** After launch, or below 0 before the end of the sale. */
  days: number;
  by: Line;
  tested: number;
  /** Mean error of the final in percent of it, and of what was still to come in percent of that. */
  finalPercentError: number;
  restPercentError: number | null;
  /** Median days between forecast and truth, of 80, 90, 95 and 100 % together and of 90 % alone. */
  dateError: number | null;
  dateErrorOf90: number | null;
}

/**
 * Every way to forecast at every origin. `chosen` is the method that was best in the tests that were over
 * when the forecast was made: what will have been best is not known then.
 */
export function reportOf(tried: readonly Origin[]): ReportRow[] {
  const origins = asTold(tried);
  const byDays = Map.groupBy(origins, ({ days }) => days);
  return [...byDays].flatMap(([days, some]) => {
    const chosen = some.flatMap((origin) => chosenAttempt(origin, origins) ?? []);
    const byName = Map.groupBy<Line, Attempt>(
      some.flatMap(({ attempts }) => attempts),
      ({ by }) => by,
    );
    return [...byName, ["chosen", chosen] as const].flatMap(([by, attempts]) =>
      attempts.length > 0 ? rowOf(days, by, attempts) : [],
    );
  });
}

/**
 * Among those of its stretch whose sale was over. Where they were too few to tell, pickup while there is
 * hardly a pace, and the mix later.
 */
function chosenAttempt(origin: Origin, all: readonly Origin[]): Attempt | undefined {
  const { stretch, at, attempts } = origin;
  const over = all.filter((one) => one.stretch === stretch && one.end <= at);
  const events = new Set(over.map(({ eventId }) => eventId)).size;
  const isYoung = stretches.indexOf(stretch) < stretches.indexOf("14-29");
  const usual = isYoung ? "A" : "B";
  const method =
    events < FEWEST_TESTED ? usual : bestOf(scoresOf(over.flatMap((one) => one.attempts)));
  return attempts.find(({ by }) => by === method);
}

function rowOf(days: number, by: Line, attempts: readonly Attempt[]): ReportRow {
  const [score] = Object.values(scoresOf(attempts.map((one) => ({ ...one, by: "A" as const }))));
  if (!score) throw new Error("nothing was tried");
  const dates = attempts.flatMap(({ dateErrors }) => dateErrors);
  const medianDays = (some: typeof dates) =>
    some.length > 0 ? median(some.map((one) => one.days)) : null;
  const coming = attempts.filter(({ came }) => came > 0);
  return {
    days,
    by,
    tested: attempts.length,
    ...score,
    finalPercentError: mean(
      attempts.map(({ rest, came, sold }) => (100 * Math.abs(rest - came)) / (sold + came)),
    ),
    restPercentError:
      coming.length > 0
        ? mean(coming.map(({ rest, came }) => (100 * Math.abs(rest - came)) / came))
        : null,
    dateError: medianDays(dates),
    dateErrorOf90: medianDays(dates.filter(({ share }) => share === 0.9)),
  };
}
