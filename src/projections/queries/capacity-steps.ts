import type { Pool } from "../../database/connect.ts";
import type { CapacityStep } from "../../rules/forecast/forecast.ts";
import { readEventLevels } from "./event-levels.ts";

/** A day more than a wave is waited for, whatever clock the day is of. */
const SINCE_MS = 5 * 86_400_000;
const MOST = 10_000;

/** When an event's places became more or fewer in the last days before an instant. */
export async function readCapacitySteps(
  sql: Pool,
  at: Date,
  options: Parameters<typeof readEventLevels>[2],
): Promise<CapacityStep[]> {
  const from = new Date(at.getTime() - SINCE_MS).toISOString().slice(0, 10);
  const wanted = { by: "hour", per: "event", from, asOf: at, limit: MOST } as const;
  // Before its first count nobody knows how many there were.
  const { rows } = await readEventLevels(sql, { ...wanted, isCountedOnly: true }, options);
  const known = rows.flatMap((row) =>
    row.capacity === null ? [] : { at: Date.parse(row.at), capacity: row.capacity },
  );
  return known.flatMap(({ at: since, capacity }, n) => {
    const before = known[n - 1]?.capacity ?? capacity;
    return before === capacity ? [] : { at: since, from: before, to: capacity };
  });
}
