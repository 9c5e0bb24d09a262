import type { Pool } from "../../database/connect.ts";
import { blameOf } from "../../database/fault.ts";
import { readCheckpoints } from "../../projections/consumer/checkpoint.ts";
import { countDeadLetters } from "../../projections/consumer/dead-letters.ts";
import { readAccountCounts } from "../../projections/queries/account-counts.ts";
import { readChanges, readNewestChanges } from "../../projections/queries/change-list.ts";
import { changedRowsReader } from "../../projections/queries/changed-rows.ts";
import type { OnEventFault } from "../../projections/queries/row-faults.ts";
import type { EventRow } from "../../projections/queries/rows.ts";
import { salesByDayReader } from "../../projections/queries/sales-by-day.ts";
import { readUnderShops } from "../../projections/queries/under-shops.ts";
import { eventFaults } from "../../service/status/event-faults.ts";
import { lastCountOf } from "../../sheets/layout/filter.ts";
import type { SheetRows } from "../../sheets/layout/layout.ts";
import type { StatusItem } from "../../sheets/layout/sheet-rows.ts";
import { defaultSheetSettings, type SheetSettings } from "../../sheets/settings.ts";
import { overviewReader } from "./overview.ts";
import { type SalesBooks, salesBooks } from "./overview-forecasts.ts";
import { capacityPolicyOf, rowPolicyOf } from "./policies.ts";
import type { Surroundings } from "./surroundings.ts";

export interface SheetOptions extends Surroundings {
  version: string;
  settings?: SheetSettings;
  /** For whoever reads again and again: rows that did not change are cached, and not read. */
  caches?: boolean;
  /** What is remembered of sales, where somebody else in the process needs it too. */
  books?: SalesBooks;
  /** The lines on top of the Status tab; without it there are none. */
  readProblems?: () => Promise<StatusItem[]>;
  /** Of whom it is told that an event cannot be shown; without it only the log is. */
  onFault?: OnEventFault;
  /** Told when Google answered, and now and then while a request waits by right: 0 is the first sheet. */
  onProgress?: (sheet: number) => void;
}

/** All that the sheet's tabs show. Lists of tabs that nobody wants are not read. */
export function sheetReader({
  config,
  sql,
  clock,
  logger,
  version,
  settings = defaultSheetSettings,
  onFault = eventFaults({ sql, clock, logger }).onFault,
  caches = false,
  books = salesBooks({ sql, logger }),
  readProblems = async () => [],
}: SheetOptions) {
  const rowsReader = () => changedRowsReader(sql, { ...rowPolicyOf(config), onFault });
  const caching = caches ? rowsReader() : undefined;
  const readSalesByDay = salesByDayReader(sql, onFault);
  const readOverview = overviewReader({ config, sql, books, onFault });
  const wants = (name: SheetSettings["layout"]["tabs"][number]) =>
    settings.layout.tabs.includes(name) || settings.copies.some(({ tabs }) => tabs?.includes(name));
  return async (): Promise<SheetRows> => {
    const read = caching ?? rowsReader();
    const now = clock.now();
    const { read: _, ...rows } = await read(now);
    const unreadable: string[] = [];
    const [underShops, allChanges, changes, salesByDay, status] = await Promise.all([
      wants("underShops") || wants("overview") ? readUnderShops(sql) : undefined,
      wants("allChanges")
        ? readChanges(sql, { limit: settings.changes, isWithoutFirstCounts: true })
        : undefined,
      wants("changes") ? readNewestChanges(sql, { limit: settings.changes }) : undefined,
      wants("salesByDay")
        ? readSalesByDay({
            rows,
            countedClasses: capacityPolicyOf(config).countedClasses,
            days: settings.salesDays,
            now,
            onUnread: (eventId) => void unreadable.push(eventId),
          })
        : undefined,
      wants("status")
        ? Promise.all([readProblems(), readStatusItems(sql, version, rows.events)])
        : undefined,
    ]);
    const overview =
      wants("overview") && (await overviewOf({ rows, underShops: underShops ?? [], now }));
    return {
      ...rows,
      ...(overview && { overview }),
      ...(underShops && { underShops }),
      ...(allChanges && { allChanges: allChanges.rows }),
      ...(changes && { changes }),
      ...(salesByDay && {
        salesByDay,
        days: { unreadable },
      }),
      ...(status && { status: status.flat() }),
    };
  };

  /** It is worked out of all the others: where that fails, they are shown without it. */
  async function overviewOf(of: Parameters<typeof readOverview>[0]) {
    try {
      return await readOverview(of);
    } catch (error) {
      if (["outage", "slow"].includes(blameOf(error))) throw error;
      logger.error({ error }, "sheet.overview_failed");
      return undefined;
    }
  }
}

async function readStatusItems(
  sql: Pool,
  version: string,
  events: readonly EventRow[],
): Promise<StatusItem[]> {
  const [checkpoints, counts, setAside] = await Promise.all([
    readCheckpoints(sql),
    readAccountCounts(sql),
    countDeadLetters(sql),
  ]);
  return [
    ...checkpoints.map(({ flowType, readAt, newestSeen }) => ({
      item: `Log read, ${flowType}`,
      value: newestSeen.getTime() === 0 ? "empty" : "everything up to",
      at: readAt.toISOString(),
    })),
    ...counts.map(({ account, events, countedAt }) => ({
      item: lastCountOf(account),
      value: events === 1 ? "1 event" : `${events} events`,
      at: countedAt.toISOString(),
    })),
    {
      item: "Events with tickets that cannot be read",
      value: events.filter(({ countComplete }) => countComplete === false).length,
      at: null,
    },
    { item: "Facts set aside", value: setAside, at: null },
    { item: "Version", value: version, at: null },
  ];
}
