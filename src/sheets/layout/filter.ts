import type { SheetOverview, SheetRows } from "./sheet-rows.ts";

export interface RowFilter {
  regions?: readonly string[] | undefined;
  eventIds?: readonly string[] | undefined;
}

/** The rows for somebody who is to see some regions or events only, in every tab. */
export function filterRows(rows: SheetRows, { regions, eventIds }: RowFilter): SheetRows {
  if (!regions && !eventIds) return rows;
  const isMeant = (row: { region: string; eventId: string }) =>
    (!regions || regions.includes(row.region)) && (!eventIds || eventIds.includes(row.eventId));
  const { days, status, unshown } = rows;
  return {
    ...(unshown && { unshown }),
    ...(days && { days }),
    ...filterLists(rows, isMeant),
    // How the service fares is nobody's secret, but the names of other accounts are.
    ...(status && { status: status.filter(({ item }) => !isOfOthers(item, regions)) }),
  };
}

/** Of every list that is about events, the rows that are meant. */
export function filterLists(
  { events, ticketTypes, overview, underShops, changes, allChanges, salesByDay }: SheetRows,
  isMeant: (row: { region: string; eventId: string }) => boolean,
): SheetRows {
  return {
    events: events.filter(isMeant),
    ticketTypes: ticketTypes.filter(isMeant),
    ...(changes && { changes: changes.filter(isMeant) }),
    ...(overview && { overview: overview.filter(isMeant).map(withoutOthers) }),
    ...(underShops && { underShops: underShops.filter(isMeant) }),
    ...(allChanges && { allChanges: allChanges.filter(isMeant) }),
    ...(salesByDay && { salesByDay: salesByDay.filter(isMeant) }),
  };
}

/** What is usual is worked out of events that whoever sees some only is not to know of. */
const withoutOthers = (row: SheetOverview): SheetOverview => ({ ...row, pointsAhead: null });

const ACCOUNT = /^Last count of (.+)$/;

export const lastCountOf = (account: string) => `Last count of ${account}`;

/** What is wrong is said in sentences, which may name anybody's account or event. */
const PROBLEM = /^Problem \d+$/;

function isOfOthers(item: string, regions: readonly string[] | undefined) {
  if (PROBLEM.test(item)) return true;
  const account = ACCOUNT.exec(item)?.[1];
  return account !== undefined && regions !== undefined && !regions.includes(account);
}
