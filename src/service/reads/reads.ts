import type { Rows } from "../../api/events/row-reads.ts";
import type { ApiReads, ViewReads } from "../../api/reads.ts";
import type { ForecastWanted } from "../../api/sales/forecast.ts";
import type { SalesWanted } from "../../api/sales/sales.ts";
import { salesBooks } from "../../commands/build/overview-forecasts.ts";
import { capacityPolicyOf, historyOf, rowPolicyOf } from "../../commands/build/policies.ts";
import { sheetReader } from "../../commands/build/sheet-reader.ts";
import { startOfMinute } from "../../lib/clock.ts";
import { type Needed, tablesAsOf } from "../../projections/queries/as-of.ts";
import { readCapacitySteps } from "../../projections/queries/capacity-steps.ts";
import { readChanges } from "../../projections/queries/change-list.ts";
import { readEventLevels } from "../../projections/queries/event-levels.ts";
import { readBacktest, readForecast } from "../../projections/queries/forecast.ts";
import { readLaunches } from "../../projections/queries/launches.ts";
import { readEventPage, readTicketTypePage, tablesNow } from "../../projections/queries/lists.ts";
import { readEventPageAt, readTicketTypePageAt } from "../../projections/queries/lists-as-of.ts";
import { namedIn } from "../../projections/queries/named-ids.ts";
import { readPaces } from "../../projections/queries/pace.ts";
import type { EventRow, LevelsWanted } from "../../projections/queries/row-types.ts";
import { readRowsAt } from "../../projections/queries/rows-at.ts";
import { revisionReader } from "../../projections/queries/rows-revision.ts";
import { readSalesCurve } from "../../projections/queries/sales-curve.ts";
import { readSeasonSales } from "../../projections/queries/season-sales.ts";
import { readEventRows } from "../../projections/queries/shown.ts";
import { readSoldCurves } from "../../projections/queries/sold-curves.ts";
import { readSummary } from "../../projections/queries/summary.ts";
import { readUnderShops } from "../../projections/queries/under-shops.ts";
import { readLastCompletePolls, readLastPolls } from "../../projections/tables/polls.ts";
import { rowsMemory } from "../../projections/tables/remembered-rows.ts";
import { downloadNames } from "../../sheets/layout/file-names.ts";
import { download } from "../../sheets/layout/files.ts";
import type { ServeOptions } from "../processes/serve-options.ts";
import type { EventFaults } from "../status/event-faults.ts";
import type { Failing } from "../status/failing.ts";
import { standingWatch } from "../status/standing.ts";
import { standingTold } from "../status/standing-told.ts";
import { keptReads } from "./kept-reads.ts";
import { rowsSeen } from "./rows-seen.ts";
import { sellOutBook } from "./sell-outs.ts";

/** What is now, of things: a page of fifty events of a hundred ticket types and their numbers twice. */
const MOST_REMEMBERED = 24_000;

interface ReadsOptions extends ServeOptions {
  failing: Failing;
  faults: EventFaults;
}

export interface Reads extends Required<ApiReads> {
  /** The accounts' regions, as the rows have them. */
  regions: readonly string[];
  /** Some of them once more, which keep what they read. */
  forViews: ViewReads;
}

/** What the API shows of the rows; what takes a minute is told in /status. */
export function buildReads(options: ReadsOptions): Reads {
  const { config, sql, clock, logger, faults } = options;
  const { onFault } = faults;
  const now = () => clock.now();
  const books = salesBooks({ sql, logger });
  const { book, trials } = books;
  const countedClasses = () => capacityPolicyOf(config).countedClasses;
  const named = namedIn(sql);
  const reads = standingWatch(standingTold(options));
  const readSheet = sheetReader({ ...options, settings: config.sheet, onFault, books });

  function rowsNow() {
    return { ...rowPolicyOf(config), now: clock.now(), onFault };
  }

  /** It may be well by now, so that `/status` is not to name it. */
  function notShownAsOf(eventId: string, error: unknown) {
    logger.warn({ eventId, error }, "event.not_shown_as_of");
  }

  const readRevision = revisionReader(sql);
  const memory = rowsMemory(MOST_REMEMBERED);
  const instantOf = tablesAsOf(sql, {
    ...rowPolicyOf(config),
    readRevision,
    memory,
    onFault: notShownAsOf,
  });

  /** What lists read: as it was then, or as it is. */
  const tablesOf = (asOf: Date | undefined, need: Needed) =>
    asOf === undefined ? tablesNow(sql, rowsNow()) : tablesAt(asOf, need);

  const tablesAt = async (asOf: Date, need: Needed) => (await instantOf(asOf)).tables(need);

  const optionsAt = async (asOf: Date) => ({
    ...rowsNow(),
    now: asOf,
    instant: await instantOf(asOf),
  });

  function readRowsOf(eventId: string, asOf?: Date) {
    return asOf === undefined
      ? readEventRows(sql, eventId, rowsNow())
      : readRowsAt(sql, { ...rowPolicyOf(config), at: asOf, eventId, memory });
  }

  /** The tables of then are made for lists; one event's ticket types cost less. */
  async function readTypeIdsAt(events: readonly EventRow[], asOf: Date) {
    const [first, ...others] = events;
    if (!first || others.length > 0) {
      const instant = await instantOf(asOf);
      const ids = events.map(({ eventId }) => eventId);
      return (await instant.tables("events", ids)).inTotals;
    }
    const { ticketTypes } = await readRowsOf(first.eventId, asOf);
    const ids = ticketTypes.filter(({ inTotals }) => inTotals).map((type) => type.ticketTypeId);
    return new Map([[first.eventId, ids]]);
  }

  async function readSales(eventId: string, wanted: SalesWanted, known?: Rows) {
    const { events, ticketTypes } = known ?? (await readRowsOf(eventId, wanted.asOf));
    const [event] = events;
    if (!event) return undefined;
    const rows = { event, ticketTypes };
    const asked = { rows, countedClasses: countedClasses(), ...wanted };
    const sales = await readSalesCurve(sql, asked);
    return { timezone: event.timezone, sales };
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
    return readEventLevels(sql, wanted, {
      ...rowsNow(),
      rows: { event, ticketTypes },
      event: eventThen,
    });
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
      book,
      trials,
      comparables,
      countedClasses: countedClasses(),
      history: historyOf(config),
      readSteps: () =>
        readCapacitySteps(sql, at, { ...rowsNow(), rows: { event, ticketTypes }, event }),
    });
  }

  const readSellOuts = sellOutBook({
    now,
    readForecast: (eventId, asOf) => readForecastOf(eventId, { asOf, comparables: undefined }),
    onFault: (eventId, error, asOf) =>
      asOf ? notShownAsOf(eventId, error) : onFault(eventId, error),
  });

  async function readAccounts() {
    const [last, complete] = await Promise.all([readLastPolls(sql), readLastCompletePolls(sql)]);
    // Without a key an account is not read; one that was, once, has numbers that stand still.
    const read = new Set([
      ...config.vivenu.accounts.map(({ region }) => region),
      ...last.map(({ account }) => account),
    ]);
    const regions = config.vivenu.regions.filter((region) => read.has(region));
    return regions.map((region) => {
      const poll = last.find(({ account }) => account === region);
      const at = complete.find(({ account }) => account === region)?.finishedAt;
      const reason = poll?.complete === false ? (poll.failures[0]?.reason ?? "") : null;
      return { region, completeAt: at?.toISOString() ?? null, reason };
    });
  }

  const found: Omit<Reads, "forViews"> = {
    regions: config.vivenu.regions,
    named: {
      events: (ids, asOf) => reads.watch("reading rows", now, () => named.events(ids, asOf)),
      ticketTypes: (ids, asOf) =>
        reads.watch("reading rows", now, () => named.ticketTypes(ids, asOf)),
    },
    readRows: ({ eventId, asOf }) =>
      reads.watch("reading rows", now, () => readRowsOf(eventId, asOf)),
    readUnderShops: (eventId, known) =>
      reads.watch("reading undershops", now, async () =>
        known?.hasUnderShops === false ? [] : readUnderShops(sql, { eventId }),
      ),
    lists: {
      events: (wanted) =>
        reads.watch("reading rows", now, async () =>
          wanted.asOf
            ? readEventPageAt(sql, wanted, await optionsAt(wanted.asOf))
            : readEventPage(sql, wanted, rowsNow()),
        ),
      ticketTypes: (wanted) =>
        reads.watch("reading rows", now, async () =>
          wanted.asOf
            ? readTicketTypePageAt(sql, wanted, await optionsAt(wanted.asOf))
            : readTicketTypePage(sql, wanted, rowsNow()),
        ),
    },
    readPaces: (events, { comparables, asOf, at }) =>
      reads.watch("reading paces", now, () =>
        readPaces(events, {
          ...rowsNow(),
          book,
          countedClasses: countedClasses(),
          comparables,
          at,
          instant: asOf && { sql, asOf, readTypeIds: (some) => readTypeIdsAt(some, asOf) },
        }),
      ),
    readSellOuts: (rows, asOf) =>
      reads.watch("reading forecasts", now, () => readSellOuts(rows, asOf)),
    readAccounts: () => reads.watch("reading accounts", now, readAccounts),
    readCurves: (wanted) =>
      reads.watch("reading curves", now, () =>
        readSoldCurves(wanted, {
          ...{ ...rowsNow(), book, countedClasses: countedClasses() },
          // By the minute, as the page is kept.
          at: startOfMinute(clock.now()),
        }),
      ),
    readChanges: (wanted) => reads.watch("reading changes", now, () => readChanges(sql, wanted)),
    readSales: (id, wanted, known) =>
      reads.watch("reading sales", now, () => readSales(id, wanted, known)),
    readLaunches: (wanted) =>
      reads.watch("reading launches", now, async () =>
        readLaunches(
          sql,
          wanted,
          await tablesOf(wanted.asOf, wanted.isWithoutProblems ? "events" : "ticket types"),
          { countedClasses: countedClasses() },
        ),
      ),
    readSummary: ({ asOf, ...wanted }) =>
      reads.watch("reading the summary", now, async () =>
        readSummary(sql, wanted, await tablesOf(asOf, "events")),
      ),
    readLevels: (id, wanted, known) =>
      reads.watch("reading levels", now, () => readLevels(id, wanted, known)),
    readForecast: (id, wanted, known) =>
      reads.watch("reading forecasts", now, () => readForecastOf(id, wanted, known)),
    readBacktest: () =>
      reads.watch("reading forecasts", now, () =>
        readBacktest({
          ...rowsNow(),
          book,
          trials,
          countedClasses: countedClasses(),
          history: historyOf(config),
        }),
      ),
    readSeasonSales: (wanted) =>
      reads.watch("reading sales", now, async () =>
        readSeasonSales(sql, wanted, {
          ...rowsNow(),
          countedClasses: countedClasses(),
          tables: wanted.asOf && (await tablesAt(wanted.asOf, "events")),
        }),
      ),
    downloads: {
      names: downloadNames,
      async read(name, sees) {
        const rows = await reads.watch("reading the sheet's rows", now, readSheet);
        return download(name, {
          rows: sees ? rowsSeen(rows, sees) : rows,
          settings: config.sheet.layout,
          now: clock.now(),
        });
      },
    },
  };
  return { ...found, forViews: keptReads(found, { readRevision, now }) };
}
