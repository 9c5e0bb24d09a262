import { LRUCache } from "lru-cache";
import { aloneWithin } from "../../projections/queries/row-faults.ts";
import type { ForecastPage } from "../../projections/queries/row-types.ts";
import type { EventRow } from "../../projections/queries/rows.ts";

const HOUR_MS = 3_600_000;
/** A forecast takes as long as a list of events: so many new ones one page waits for. */
const MOST_AT_ONCE = 4;
/** A page of the past is not looked at again by itself. */
const MOST_OF_THE_PAST = 50;
const MOST_KEPT = 2_000;

interface Kept {
  of: string;
  page: ForecastPage;
}

interface SellOutOptions {
  readForecast: (eventId: string, asOf: Date | undefined) => Promise<ForecastPage | undefined>;
  now: () => Date;
  /** Told of an event whose forecast cannot be worked out of what is kept. */
  onFault: (eventId: string, error: unknown, asOf: Date | undefined) => void;
}

/**
 * Forecasts for lists: of each event the newest, kept until the event is counted anew or an hour is over. Of
 * those that nobody has asked for yet a few are worked out at a time; the others are absent until the next look.
 */
export function sellOutBook({ readForecast, now, onFault }: SellOutOptions) {
  const kept = new LRUCache<string, Kept>({ max: MOST_KEPT });
  /** Which try it was when an event's was last worked out, or could not be. */
  const tried = new LRUCache<string, number>({ max: MOST_KEPT });
  let tries = 0;

  return async function readSellOuts(
    rows: readonly EventRow[],
    asOf: Date | undefined,
  ): Promise<ReadonlyMap<string, ForecastPage>> {
    const hour = Math.floor(now().getTime() / HOUR_MS);
    const found = new Map<string, ForecastPage>();
    const missing: EventRow[] = [];
    for (const row of rows) {
      const known = kept.get(keyOf(row));
      if (known) found.set(row.eventId, known.page);
      if (known?.of !== wordingOf(row, hour)) missing.push(row);
    }
    // Events that launch are counted each minute, and would be tried alone: who waits longest is first.
    const triedAt = (row: EventRow) => tried.get(keyOf(row)) ?? 0;
    missing.sort((one, other) => triedAt(one) - triedAt(other));
    for (const row of missing.slice(0, asOf ? MOST_OF_THE_PAST : MOST_AT_ONCE)) {
      tries += 1;
      tried.set(keyOf(row), tries);
      const [page] = await aloneWithin(
        row.eventId,
        async () => [await readForecast(row.eventId, asOf)],
        (eventId, error) => onFault(eventId, error, asOf),
      );
      if (!page) continue;
      found.set(row.eventId, page);
      if (!isUntested(page)) kept.set(keyOf(row), { of: wordingOf(row, hour), page });
    }
    return found;

    function keyOf({ eventId }: EventRow) {
      return `${eventId} ${asOf?.getTime() ?? "now"}`;
    }
  };
}

const wordingOf = (row: EventRow, hour: number) =>
  [row.countedAt, row.lastUpdated, row.status, hour].join(" ");

/** The backtest is under way: then something else is known in a moment. */
const isUntested = ({ forecast }: ForecastPage) =>
  !forecast.known && forecast.reason === "notTestedYet";
