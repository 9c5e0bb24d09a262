import { dayAt } from "../../lib/zones.ts";
import type { ForecastPage } from "../../projections/queries/row-types.ts";

/**
 * The day of the event's calendar on which it is forecast to sell out, null where it hardly does; undefined where
 * nobody can say, for then nothing moved.
 */
export function sellOutDay({
  forecast,
  timezone,
}: Pick<ForecastPage, "forecast" | "timezone">): string | null | undefined {
  if (!forecast.known || forecast.sellsOut === "perhaps") return undefined;
  const { expected } = forecast.soldOutAt;
  return expected === null ? null : dayAt(new Date(expected), timezone);
}
