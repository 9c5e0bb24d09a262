import type { EventRow, Pace } from "../../projections/queries/row-types.ts";
import type { Forecast, KnownForecast } from "../../rules/forecast/forecast.ts";
import { dayLabel } from "../chart/ticks.ts";
import { Whole } from "../number.tsx";
import { dayRange } from "../words.ts";

interface SellsOutProps {
  row: EventRow;
  pace: Pace | undefined;
  /** Undefined while it is not worked out. */
  forecast: Forecast | undefined;
}

/** When an event sells out, where that can be known; and in few words that it cannot where not. */
export function SellsOut({ row, pace, forecast }: SellsOutProps) {
  const over = row.oversoldPlaces ? (
    <span class="wrong">
      <Whole name="oversoldPlaces" value={row.oversoldPlaces} /> oversold
    </span>
  ) : null;
  if (over && row.totalAvailable === 0) return over;
  if (row.status === "SOLD_OUT") return <span>sold out</span>;
  if (row.status !== "ON_SALE" || row.totalSold === null) return over;
  if (forecast?.known) {
    const { expected, low } = forecast.soldOutAt;
    const zone = row.timezone;
    if (expected === null)
      return <span class="unknown">{low === null ? "not by the race" : "hardly by then"}</span>;
    return (
      <>
        <time class="forecast" datetime={new Date(expected).toISOString()}>
          {dayLabel(expected, zone)}
        </time>{" "}
        <span class="unknown">{rangeWords(forecast.soldOutAt, zone)}</span>
      </>
    );
  }
  // A ticket type of which too many were sold says less than when the event sells out.
  if (over) return over;
  if (pace?.perDay === 0 && !pace.hourSoFar && isOnSaleForAWeek(row, pace))
    return <span class="unknown">none in 7 days</span>;
  return <span class="unknown">{forecast ? "not known yet" : "…"}</span>;
}

/** Between which days; nothing where that is the day that is said already. */
function rangeWords({ expected, low, high }: KnownForecast["soldOutAt"], zone: string | null) {
  if (low === null) return "";
  if (high === null) return `from ${dayLabel(low, zone)}`;
  const range = dayRange(new Date(low), new Date(high), zone);
  return expected !== null && range === dayLabel(expected, zone) ? "" : range;
}

const WEEK_MS = 7 * 86_400_000;

const isOnSaleForAWeek = ({ salesLaunchDate }: EventRow, { until }: Pace) =>
  salesLaunchDate === null || Date.parse(until) - Date.parse(salesLaunchDate) >= WEEK_MS;
