import { MONTHS } from "../../lib/months.ts";
import { dayAt } from "../../lib/zones.ts";
import type { ForecastPage } from "../../projections/queries/row-types.ts";
import type { Between } from "../../rules/forecast/forecast.ts";
import type { StretchTrial } from "../../rules/forecast/trial.ts";
import { unknownWords } from "../../rules/forecast/words.ts";
import { twoDecimals } from "../../rules/pace.ts";
import type { ForecastBody } from "./forecast.ts";

/** A forecast as it is answered: what is not known is null, with the reason beside it. */
export function forecastBody(eventId: string, page: ForecastPage): ForecastBody {
  const { forecast, history, at, sold, capacity, timezone, comparables, trial } = page;
  const same = {
    eventId,
    at: at.toISOString(),
    history,
    sold,
    capacity,
    comparables,
    tested: trial && testedOf(trial),
  };
  if (forecast.known)
    return {
      ...same,
      known: true,
      reason: null,
      words: null,
      method: forecast.method,
      final: forecast.final,
      sellsOut: forecast.sellsOut,
      sellsOutAt: datesOf(forecast.soldOutAt),
    };
  const dayOf = (instant: number) => longDay(dayAt(new Date(instant), timezone));
  return {
    ...same,
    known: false,
    reason: forecast.reason,
    words: unknownWords(forecast, dayOf),
    method: null,
    final: null,
    sellsOut: null,
    sellsOutAt: null,
  };
}

function testedOf({ stretch, events, method, scores }: StretchTrial): ForecastBody["tested"] {
  const percent = (value: number | undefined) => (value === undefined ? null : twoDecimals(value));
  return {
    stretch,
    events,
    errorPercent: percent(scores[method]?.finalError),
    lineErrorPercent: percent(scores.line?.finalError),
    paceErrorPercent: percent(scores.pace?.finalError),
    heldPercent: percent(scores[method]?.held),
  };
}

function datesOf({ expected, low, high }: Between<number | null>) {
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  return { expected: iso(expected), low: iso(low), high: iso(high) };
}

/** "11 November", from "2026-11-11". */
function longDay(day: string) {
  const [, month, date] = day.split("-");
  return `${Number(date)} ${MONTHS[Number(month) - 1]}`;
}
