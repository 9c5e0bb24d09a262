import { agoMs } from "../../lib/clock.ts";
import { readCapacitySteps } from "../../projections/queries/capacity-steps.ts";
import { readForecast } from "../../projections/queries/forecast.ts";
import { type TrialBook, trialBook } from "../../projections/queries/forecast-trials.ts";
import { type PaceBook, paceBook } from "../../projections/queries/pace-book.ts";
import { aloneWithin, type OnEventFault } from "../../projections/queries/row-faults.ts";
import type { EventRow, ForecastPage, TicketTypeRow } from "../../projections/queries/row-types.ts";
import { capacityPolicyOf, historyOf, rowPolicyOf } from "./policies.ts";
import type { Surroundings } from "./surroundings.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** At a launch an event is counted every minute, and its forecast is of days. */
const LEAST_AGE_MS = 10 * MINUTE_MS;
/** Of those that are known already; what was never worked out is. */
const MOST_RENEWED = 4;

/** What is remembered of sales, for whoever reads in this process. */
export interface SalesBooks {
  book: PaceBook;
  trials: TrialBook;
}

export const salesBooks = ({ sql, logger }: Pick<Surroundings, "sql" | "logger">): SalesBooks => ({
  book: paceBook(sql),
  trials: trialBook({
    onError: (error) => logger.error({ error }, "forecast.backtest_failed"),
  }),
});

interface ForecastsOptions extends Pick<Surroundings, "config" | "sql"> {
  books: SalesBooks;
  onFault: OnEventFault;
}

interface Kept {
  of: string;
  at: number;
  page: ForecastPage;
}

export interface Forecasted {
  event: EventRow;
  ticketTypes: readonly TicketTypeRow[];
}

/**
 * Forecasts for the sheet, by event: kept for the day, and made anew when the event is counted anew, ten
 * minutes later at the soonest and a few at a time. While the backtest is under way for the first time it
 * is waited for, so that no cell says for a moment that nothing is known.
 */
export function overviewForecasts({ config, sql, books, onFault }: ForecastsOptions) {
  const { book, trials } = books;
  const kept = new Map<string, Kept>();

  return async function readForecasts(events: readonly Forecasted[], now: Date) {
    let renewed = 0;
    for (const one of events) {
      const known = kept.get(one.event.eventId);
      if (known && (isFresh(known, one.event, now) || ++renewed > MOST_RENEWED)) continue;
      const [page] = await aloneWithin(one.event.eventId, () => readTested(one, now), onFault);
      if (page) kept.set(one.event.eventId, { of: wordingOf(one.event, now), at: +now, page });
    }
    return new Map(
      events.flatMap(({ event: { eventId } }) => {
        const page = kept.get(eventId)?.page;
        return page ? [[eventId, page] as const] : [];
      }),
    );
  };

  async function readTested(one: Forecasted, now: Date) {
    const page = await read(one, now);
    if (page.forecast.known || page.forecast.reason !== "notTestedYet") return [page];
    await trials.settled();
    return [await read(one, now)];
  }

  function read({ event, ticketTypes }: Forecasted, now: Date) {
    const options = { ...rowPolicyOf(config), now, onFault };
    const { countedClasses } = capacityPolicyOf(config);
    return readForecast(event, now, {
      ...options,
      book,
      trials,
      countedClasses,
      history: historyOf(config),
      readSteps: () =>
        readCapacitySteps(sql, now, { ...options, rows: { event, ticketTypes }, event }),
    });
  }
}

const isFresh = ({ of, at }: Kept, event: EventRow, now: Date) =>
  of === wordingOf(event, now) || agoMs(at, now.getTime()) < LEAST_AGE_MS;

const wordingOf = ({ countedAt, lastUpdated, status }: EventRow, now: Date) =>
  [countedAt, lastUpdated, status, Math.floor(now.getTime() / DAY_MS)].join(" ");
