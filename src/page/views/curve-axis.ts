import type { SoldCurve } from "../../projections/queries/row-types.ts";
import { whole } from "../chart/numbers.ts";
import { clock, countTicks, dateTicks, dayLabel } from "../chart/ticks.ts";
import { counted, date } from "../words.ts";
import type { AskedEvent } from "./read-event.ts";

const DAY_MS = 86_400_000;
/** Within less of it each day has a name of its own. */
const YEAR_MS = 364 * DAY_MS;

/** What a curve runs along, and where an instant stands on it. */
export interface Axis {
  from: number;
  to: number;
  column: string;
  at(ms: number): number;
  /** Where an instant of another event stands. */
  of(other: SoldCurve, ms: number): number;
  ticks(zone: string | null): { at: number; label: string }[];
  say(zone: string | null): (value: number) => string;
}

/** Dates compare by the share of the selling time, as usual does; the others by days. */
export function axisOf(x: AskedEvent["x"], { launch, end }: SoldCurve, isYoung: boolean): Axis {
  if (x === "date")
    return {
      from: launch,
      to: end,
      column: "Day",
      at: (ms) => ms,
      of: (other, ms) =>
        launch + ((ms - other.launch) / Math.max(1, other.end - other.launch)) * (end - launch),
      ticks: (zone) => dateTicks({ from: launch, to: end }, zone),
      say: (zone) => (value) =>
        isYoung
          ? `${dayLabel(value, zone)}, ${clock(value, zone)}`
          : end - launch < YEAR_MS
            ? dayLabel(value, zone)
            : date(new Date(value), zone),
    };
  const length = Math.max(1, (end - launch) / DAY_MS);
  const isRace = x === "race";
  const [from, to] = isRace ? [-length, 0] : [0, length];
  const place = (of: { launch: number; end: number }, ms: number) =>
    (ms - (isRace ? of.end : of.launch)) / DAY_MS;
  const say = (value: number) => {
    const days = Math.abs(value);
    const words = isYoung ? `${days.toFixed(2)} days` : counted(Math.round(days), "day");
    return `${words} ${isRace ? "before" : "after"}`;
  };
  return {
    from,
    to,
    column: isRace ? "To the end of the sale" : "Since the launch",
    at: (ms) => place({ launch, end }, ms),
    of: place,
    ticks: () => countTicks({ from, to }, (value) => `${whole(Math.abs(value))} d`),
    say: () => say,
  };
}
