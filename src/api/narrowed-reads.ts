import type { EventsWanted } from "../projections/queries/row-types.ts";
import type { EventRow } from "../projections/queries/rows.ts";
import type { ReadRows } from "./events/row-reads.ts";
import { statusFor } from "./narrowed-status.ts";
import type { Status } from "./operation/status.ts";
import type { ApiReads } from "./reads.ts";
import { type Caller, sees } from "./request/callers.ts";
import { mustBeAmong } from "./request/list-query.ts";
import type { ReadNamed } from "./request/named.ts";
import { unreadable } from "./request/problem.ts";
import { partner } from "./request/read-for.ts";

interface Readers extends ApiReads {
  readStatus: () => Promise<Status>;
}

/** The same readers, of which a partner's key hears what it may. */
export function narrowed(readers: Readers): Readers {
  const { named, readRows, lists, downloads } = readers;

  /** What is asked for, as far as the caller may see it; where that is nothing, nothing is read. */
  async function within<Found>(
    { regions, eventIds }: Bounds,
    nothing: Found,
    read: (bounds: Bounds) => Promise<Found>,
  ): Promise<Found> {
    const caller = partner();
    if (!caller) return read({ regions, eventIds });
    if (regions && caller.events) await refuseOthersRegions(regions, caller.events);
    const bounds = {
      regions: both(regions, caller.accounts),
      eventIds: both(eventIds, caller.events),
    };
    const isNothing = bounds.regions?.length === 0 || bounds.eventIds?.length === 0;
    return isNothing ? nothing : read(bounds);
  }

  /** The accounts that a key for some events knows are those of its events. */
  async function refuseOthersRegions(regions: readonly string[], eventIds: readonly string[]) {
    const { rows } = await lists.events({ ids: eventIds, limit: eventIds.length });
    const own = [...new Set(rows.map(({ region }) => region))].sort();
    if (!regions.every((region) => own.includes(region)))
      throw unreadable("region", mustBeAmong(own));
  }

  const readOwn: typeof lists.events = async (wanted) => {
    refuseSince(wanted);
    const page = withoutPosition(await lists.events(wanted));
    const caller = partner();
    return caller ? { ...page, rows: page.rows.map(withOwnChildren(caller)) } : page;
  };
  const ownNamed: ReadNamed = {
    events: async (ids, asOf) => ownOf(await named.events(ids, asOf)),
    ticketTypes: async (ids, asOf) => ownOf(await named.ticketTypes(ids, asOf)),
  };
  const ownIds = async (eventIds: readonly string[]) =>
    (await ownNamed.events(eventIds, undefined)).map(({ eventId }) => eventId);
  const isOwn = async (eventId: string) => (await ownIds([eventId])).length > 0;

  return {
    named: ownNamed,
    readRows: ofOwnEvents(readRows),
    async readUnderShops(eventId, known) {
      if (!partner()) return readers.readUnderShops(eventId, known);
      return (await isOwn(eventId)) ? readers.readUnderShops(eventId) : [];
    },
    ...(downloads && {
      downloads: {
        names: downloads.names,
        read(name) {
          const caller = partner();
          return downloads.read(name, caller && ((row) => sees(caller, row)));
        },
      },
    }),
    lists: {
      events: (wanted) =>
        within({ regions: wanted.regions, eventIds: wanted.ids }, none, ({ regions, eventIds }) =>
          readOwn({ ...wanted, regions, ids: eventIds }),
        ),
      ticketTypes: (wanted) =>
        within(wanted, none, async (bounds) => {
          refuseSince(wanted);
          return withoutPosition(await lists.ticketTypes({ ...wanted, ...bounds }));
        }),
    },
    readChanges: (wanted) =>
      within(wanted, none, (bounds) =>
        partner() ? readers.readChanges({ ...wanted, ...bounds }) : readers.readChanges(wanted),
      ),
    // The rows that a partner has are narrowed, and nothing is worked out from these.
    async readSales(eventId, wanted, known) {
      if (!partner()) return readers.readSales(eventId, wanted, known);
      return (await isOwn(eventId)) ? readers.readSales(eventId, wanted) : undefined;
    },
    async readLevels(eventId, wanted, known) {
      if (!partner()) return readers.readLevels(eventId, wanted, known);
      return (await isOwn(eventId)) ? readers.readLevels(eventId, wanted) : undefined;
    },
    readBacktest: async () => (partner() ? undefined : readers.readBacktest()),
    async readForecast(eventId, wanted, known) {
      if (!partner()) return readers.readForecast(eventId, wanted, known);
      if (!(await isOwn(eventId))) return undefined;
      // Others' sales inform it, and which ones is not said; nor are others' chosen one by one.
      const comparables = wanted.comparables && (await ownIds(wanted.comparables));
      const page = await readers.readForecast(eventId, { ...wanted, comparables });
      return page && { ...page, comparables: comparables ? page.comparables : [] };
    },
    async readPaces(events, wanted) {
      const paces = await readers.readPaces(events, wanted);
      if (!partner()) return paces;
      // What is usual is of other events. Of a choice of its own it may know; else one would name them.
      const { comparables = [] } = wanted;
      if (comparables.length > 0 && (await ownIds(comparables)).length === comparables.length)
        return paces;
      const usualUnknown = "tooFewComparables" as const;
      return new Map(
        [...paces].map(([id, pace]) => [
          id,
          pace.usual ? { ...pace, usual: null, usualUnknown } : pace,
        ]),
      );
    },
    async readSellOuts(rows, asOf) {
      const caller = partner();
      if (!caller) return readers.readSellOuts(rows, asOf);
      const pages = await readers.readSellOuts(
        rows.filter((row) => sees(caller, row)),
        asOf,
      );
      return new Map([...pages].map(([id, page]) => [id, { ...page, comparables: [] }]));
    },
    async readAccounts() {
      const accounts = await readers.readAccounts();
      const caller = partner();
      // Of a key that is for some events no account is its own.
      return caller
        ? accounts.filter(({ region }) => caller.accounts?.includes(region) ?? false)
        : accounts;
    },
    async readCurves(wanted) {
      const caller = partner();
      const curves = await readers.readCurves(wanted);
      if (!caller) return curves;
      return new Map([...curves].filter(([, curve]) => sees(caller, curve)));
    },
    readSummary: (wanted) =>
      within({ regions: wanted.regions, eventIds: wanted.ids }, [], ({ regions, eventIds }) =>
        readers.readSummary({ ...wanted, regions, ids: eventIds }),
      ),
    readSeasonSales: (wanted) =>
      within(wanted, { rows: [], next: null, leftOut: [] }, (bounds) =>
        readers.readSeasonSales({ ...wanted, ...bounds }),
      ),
    readLaunches: (wanted) =>
      within(wanted, none, (bounds) => readers.readLaunches({ ...wanted, ...bounds })),
    readStatus: async () => statusFor(partner(), await readers.readStatus()),
  };
}

const nowhere = { position: "0", database: "0" };
const none = { rows: [], next: null, removed: [], at: new Date(0), ...nowhere };

/** A position counts what is written of everybody's, and cursors are readable. */
const withoutPosition = <Page extends typeof nowhere>(page: Page): Page =>
  partner() ? { ...page, ...nowhere } : page;

/** What left a list is told by its id, and of an event that is somebody else's by now nobody may tell. */
function refuseSince({ since }: Pick<EventsWanted, "since">) {
  if (!since || !partner()) return;
  const reason = "is not for a key that sees some events only; load the list anew";
  throw unreadable("updatedSince", reason);
}

/** An event that holds others names those. */
const withOwnChildren =
  ({ events }: Caller) =>
  (row: EventRow): EventRow =>
    events === undefined
      ? row
      : { ...row, childEventIds: row.childEventIds.filter((id) => events.includes(id)) };

const ofOwnEvents =
  (readRows: ReadRows): ReadRows =>
  async (of) => {
    const rows = await readRows(of);
    const caller = partner();
    if (!caller) return rows;
    const events = ownOf(rows.events).map(withOwnChildren(caller));
    return { events, ticketTypes: ownOf(rows.ticketTypes) };
  };

/** What of these the caller sees. */
function ownOf<Row extends { region: string; eventId: string }>(rows: Row[]): Row[] {
  const caller = partner();
  return caller ? rows.filter((row) => sees(caller, row)) : rows;
}

interface Bounds {
  regions?: readonly string[] | undefined;
  eventIds?: readonly string[] | undefined;
}

const both = (asked: readonly string[] | undefined, own: readonly string[] | undefined) =>
  own === undefined || asked === undefined
    ? (own ?? asked)
    : asked.filter((name) => own.includes(name));
