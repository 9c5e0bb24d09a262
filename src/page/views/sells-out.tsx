import type { EventRow, Pace } from "../../projections/queries/row-types.ts";
import type { Forecast, KnownForecast } from "../../rules/forecast/forecast.ts";
import { outlookWords } from "../../rules/forecast/words.ts";
import { dayLabel } from "../chart/ticks.ts";
import { Whole } from "../number.tsx";
import { dayRange } from "../words.ts";

interface SaleKnown {
  row: EventRow;
  pace: Pace | undefined;
  /** Undefined while it is not worked out. */
  forecast: Forecast | undefined;
}

/** What is said of when an event sells out; null where there is nothing to say. */
export type SellsOutProps =
  | { oversold: number }
  | { isSoldOut: true }
  | { at: string; day: string; range: string }
  | { words: string };

/** When an event sells out, where that can be known; and in few words that it cannot where not. */
export function sellsOutOf({ row, pace, forecast }: SaleKnown): SellsOutProps | null {
  const over = row.oversoldPlaces ? { oversold: row.oversoldPlaces } : null;
  if (over && row.totalAvailable === 0) return over;
  if (row.status === "SOLD_OUT") return { isSoldOut: true };
  if (row.status !== "ON_SALE" || row.totalSold === null) return over;
  if (forecast?.known) {
    const { expected } = forecast.soldOutAt;
    const zone = row.timezone;
    if (expected === null) return { words: wordsWithoutADay(forecast, zone) };
    const at = new Date(expected).toISOString();
    return { at, day: dayLabel(expected, zone), range: rangeWords(forecast.soldOutAt, zone) };
  }
  // A ticket type of which too many were sold says less than when the event sells out.
  if (over) return over;
  if (pace?.perDay === 0 && !pace.hourSoFar && isOnSaleForAWeek(row, pace))
    return { words: "none in 7 days" };
  return { words: forecast ? "not known yet" : "being forecast" };
}

export function SellsOut(said: SellsOutProps) {
  if ("oversold" in said)
    return (
      <span class="wrong">
        <Whole name="oversoldPlaces" value={said.oversold} /> oversold
      </span>
    );
  if ("isSoldOut" in said) return <span>sold out</span>;
  if ("words" in said) return <span class="unknown">{said.words}</span>;
  return (
    <>
      <time class="forecast" datetime={said.at}>
        {said.day}
      </time>{" "}
      <span class="unknown">{said.range}</span>
    </>
  );
}

function wordsWithoutADay(forecast: KnownForecast, zone: string | null) {
  const words = outlookWords(forecast);
  const { low } = forecast.soldOutAt;
  return words === "perhaps" && low !== null ? `perhaps, ${dayLabel(low, zone)} or later` : words;
}

/** Between which days; nothing where that is the day that is said already. */
function rangeWords({ expected, low, high }: KnownForecast["soldOutAt"], zone: string | null) {
  if (low === null) return "";
  if (high === null) return `${dayLabel(low, zone)} or later`;
  const range = dayRange(new Date(low), new Date(high), zone);
  return expected !== null && range === dayLabel(expected, zone) ? "" : range;
}

const WEEK_MS = 7 * 86_400_000;

const isOnSaleForAWeek = ({ salesLaunchDate }: EventRow, { until }: Pace) =>
  salesLaunchDate === null || Date.parse(until) - Date.parse(salesLaunchDate) >= WEEK_MS;
