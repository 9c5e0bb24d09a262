import type { ApiReads, ViewReads } from "../../api/reads.ts";
import { onceForEach } from "../../api/request/read-for.ts";
import { type SalesBooks, salesBooks } from "../../commands/build/overview-forecasts.ts";
import { capacityPolicyOf, historyOf } from "../../commands/build/policies.ts";
import { sheetReader } from "../../commands/build/sheet-reader.ts";
import { startOfMinute } from "../../lib/clock.ts";
import { readChanges } from "../../projections/queries/change-list.ts";
import { readBacktest } from "../../projections/queries/forecast.ts";
import { readLaunches } from "../../projections/queries/launches.ts";
import { readEventPage, readTicketTypePage } from "../../projections/queries/lists.ts";
import { readEventPageAt, readTicketTypePageAt } from "../../projections/queries/lists-as-of.ts";
import { namedIn } from "../../projections/queries/named-ids.ts";
import { readPaces } from "../../projections/queries/pace.ts";
import { readSeasonSales } from "../../projections/queries/season-sales.ts";
import { readSoldCurves } from "../../projections/queries/sold-curves.ts";
import { readSummary } from "../../projections/queries/summary.ts";
import { readUnderShops } from "../../projections/queries/under-shops.ts";
import { downloadNames } from "../../sheets/layout/file-names.ts";
import { download } from "../../sheets/layout/files.ts";
import type { ServeOptions } from "../processes/serve-options.ts";
import type { EventFaults } from "../status/event-faults.ts";
import type { Failing } from "../status/failing.ts";
import { standingWatch } from "../status/standing.ts";
import { standingTold } from "../status/standing-told.ts";
import { accountReader } from "./account-reads.ts";
import { keptReads } from "./kept-reads.ts";
import { oneEventReads } from "./one-event-reads.ts";
import { rowsSeen } from "./rows-seen.ts";
import { type RowsThenAndNow, rowsThenAndNow } from "./rows-then-and-now.ts";
import { sellOutBook } from "./sell-outs.ts";

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
  const { config, sql, clock } = options;
  const { onFault } = options.faults;
  const books = booksOf(options);
  const rows = rowsThenAndNow({ ...options, onFault });
  const { watch } = standingWatch(standingTold(options));
  const now = () => clock.now();
  const watched: Watched =
    (name, read) =>
    (...asked) =>
      watch(name, now, () => read(...asked));

  const reading = { ...options, rows, books, watched };
  const found = {
    regions: config.vivenu.regions,
    ...rowReads(reading),
    ...listReads(reading),
    ...eventReads(reading),
    ...seasonReads(reading),
    readAccounts: watched("reading accounts", accountReader(options)),
    readChanges: watched("reading changes", (wanted) => readChanges(sql, wanted)),
    downloads: downloadReads(reading),
  } satisfies Omit<Reads, "forViews">;
  return { ...found, forViews: keptReads(found, { readRevision: rows.readRevision, now }) };
}

/** All that one answer is made of is of one look at them. */
function booksOf(options: ReadsOptions): SalesBooks {
  const { book, ...others } = salesBooks(options);
  return { ...others, book: { ...book, events: onceForEach(book.events) } };
}

/** A read of which it is told when it stands still. */
type Watched = <Asked extends unknown[], Answer>(
  name: string,
  read: (...asked: Asked) => Promise<Answer>,
) => (...asked: Asked) => Promise<Answer>;

interface Reading extends ReadsOptions {
  rows: RowsThenAndNow;
  books: SalesBooks;
  watched: Watched;
}

type Some<Name extends keyof Reads> = Pick<Reads, Name>;

const ROWS = "reading rows";
const FORECASTS = "reading forecasts";

function rowReads({ sql, rows, watched }: Reading): Some<"named" | "readRows" | "readUnderShops"> {
  const named = namedIn(sql);
  return {
    named: {
      events: watched(ROWS, named.events),
      ticketTypes: watched(ROWS, named.ticketTypes),
    },
    readRows: watched(ROWS, ({ eventId, asOf }) => rows.readRowsOf(eventId, asOf)),
    readUnderShops: watched("reading undershops", async (eventId, known) =>
      known?.hasUnderShops === false ? [] : readUnderShops(sql, { eventId }),
    ),
  };
}

function listReads({
  config,
  sql,
  rows,
  watched,
}: Reading): Some<"lists" | "readLaunches" | "readSummary"> {
  const { countedClasses } = capacityPolicyOf(config);
  return {
    lists: {
      events: watched(ROWS, async (wanted) =>
        wanted.asOf
          ? readEventPageAt(sql, wanted, await rows.optionsAt(wanted.asOf))
          : readEventPage(sql, wanted, rows.rowsNow()),
      ),
      ticketTypes: watched(ROWS, async (wanted) =>
        wanted.asOf
          ? readTicketTypePageAt(sql, wanted, await rows.optionsAt(wanted.asOf))
          : readTicketTypePage(sql, wanted, rows.rowsNow()),
      ),
    },
    readLaunches: watched("reading launches", async (wanted) => {
      const need = wanted.isWithoutProblems ? "events" : "ticket types";
      return readLaunches(sql, wanted, await rows.tablesOf(wanted.asOf, need), { countedClasses });
    }),
    readSummary: watched("reading the summary", async ({ asOf, ...wanted }) =>
      readSummary(sql, wanted, await rows.tablesOf(asOf, "events")),
    ),
  };
}

function eventReads(
  reading: Reading,
): Some<"readSales" | "readLevels" | "readForecast" | "readSellOuts"> {
  const { clock, faults, rows, watched } = reading;
  const event = oneEventReads(reading);
  const readSellOuts = sellOutBook({
    now: () => clock.now(),
    readForecast: (eventId, asOf) => event.readForecast(eventId, { asOf, comparables: undefined }),
    onFault: (eventId, error, asOf) =>
      asOf ? rows.notShownAsOf(eventId, error) : faults.onFault(eventId, error),
  });
  return {
    readSales: watched("reading sales", event.readSales),
    readLevels: watched("reading levels", event.readLevels),
    readForecast: watched(FORECASTS, event.readForecast),
    readSellOuts: watched(FORECASTS, readSellOuts),
  };
}

/** What events are held against each other by. */
function seasonReads({
  config,
  sql,
  clock,
  rows,
  books,
  watched,
}: Reading): Some<"readPaces" | "readCurves" | "readBacktest" | "readSeasonSales"> {
  const { countedClasses } = capacityPolicyOf(config);
  const counted = () => ({ ...rows.rowsNow(), ...books, countedClasses });
  return {
    readPaces: watched("reading paces", (events, { comparables, asOf, at }) =>
      readPaces(events, {
        ...counted(),
        comparables,
        at,
        instant: asOf && { sql, asOf, readTypeIds: (some) => rows.readTypeIdsAt(some, asOf) },
      }),
    ),
    // By the minute, as the page is kept.
    readCurves: watched("reading curves", (wanted) =>
      readSoldCurves(wanted, { ...counted(), at: startOfMinute(clock.now()) }),
    ),
    readBacktest: watched(FORECASTS, () =>
      readBacktest({ ...counted(), history: historyOf(config) }),
    ),
    readSeasonSales: watched("reading sales", async (wanted) =>
      readSeasonSales(sql, wanted, {
        ...counted(),
        tables: wanted.asOf && (await rows.tablesAt(wanted.asOf, "events")),
      }),
    ),
  };
}

function downloadReads(reading: Reading): Reads["downloads"] {
  const { config, clock, faults, watched } = reading;
  const settings = config.sheet;
  const readSheet = sheetReader({ ...reading, settings, onFault: faults.onFault });
  const readRows = watched("reading the sheet's rows", readSheet);
  return {
    names: downloadNames(settings.layout.tabs),
    async read(name, sees) {
      const rows = await readRows();
      return download(name, {
        rows: sees ? rowsSeen(rows, sees) : rows,
        settings: settings.layout,
        now: clock.now(),
      });
    },
  };
}
