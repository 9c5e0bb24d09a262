import type { Rows } from "../../api/events/row-reads.ts";
import type { ForecastWanted } from "../../api/sales/forecast.ts";
import type { SalesWanted } from "../../api/sales/sales.ts";
import type { SalesBooks } from "../../commands/build/overview-forecasts.ts";
import { capacityPolicyOf, historyOf } from "../../commands/build/policies.ts";
import { startOfMinute } from "../../lib/clock.ts";
import { readCapacitySteps } from "../../projections/queries/capacity-steps.ts";
import { readEventLevels } from "../../projections/queries/event-levels.ts";
import { readForecast } from "../../projections/queries/forecast.ts";
import type { LevelsWanted } from "../../projections/queries/row-types.ts";
import { readSalesCurve } from "../../projections/queries/sales-curve.ts";
import type { ServeOptions } from "../processes/serve-options.ts";
import type { RowsThenAndNow } from "./rows-then-and-now.ts";

interface OneEventOptions extends Pick<ServeOptions, "config" | "sql" | "clock"> {
  rows: RowsThenAndNow;
  books: SalesBooks;
}

/**
 * What is read of one event beside its rows: each is undefined where there is no such event. Whoever has its
 * rows already hands them over (`known`).
 */
export function oneEventReads({ config, sql, clock, rows, books }: OneEventOptions) {
  const { rowsNow, readRowsOf } = rows;
  const { countedClasses } = capacityPolicyOf(config);

  return { readSales, readLevels, readForecast: readForecastOf };

  async function readSales(eventId: string, wanted: SalesWanted, known?: Rows) {
    const { events, ticketTypes } = known ?? (await readRowsOf(eventId, wanted.asOf));
    const [event] = events;
    if (!event) return undefined;
    const asked = { rows: { event, ticketTypes }, countedClasses, ...wanted };
    return { timezone: event.timezone, sales: await readSalesCurve(sql, asked) };
  }

  async function readLevels(eventId: string, wanted: LevelsWanted, known?: Rows) {
    const { asOf } = wanted;
    const [now, then] = await Promise.all([
      asOf || !known ? readRowsOf(eventId) : known,
      asOf && (known ?? readRowsOf(eventId, asOf)),
    ]);
    const { events, ticketTypes } = now;
    const [event] = events;
    const [eventThen] = then?.events ?? events;
    if (!event || !eventThen) return undefined;
    const of = { rows: { event, ticketTypes }, event: eventThen };
    return readEventLevels(sql, wanted, { ...rowsNow(), ...of });
  }

  async function readForecastOf(
    eventId: string,
    { asOf, comparables }: ForecastWanted,
    known?: Rows,
  ) {
    const { events, ticketTypes } = known ?? (await readRowsOf(eventId, asOf));
    const [event] = events;
    if (!event) return undefined;
    // By the minute, as its answer is kept.
    const at = asOf ?? startOfMinute(clock.now());
    return readForecast(event, at, {
      ...rowsNow(),
      ...books,
      comparables,
      countedClasses,
      history: historyOf(config),
      readSteps: () =>
        readCapacitySteps(sql, at, { ...rowsNow(), rows: { event, ticketTypes }, event }),
    });
  }
}
