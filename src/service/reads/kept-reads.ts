import { LRUCache } from "lru-cache";
import type { ApiReads, ViewReads } from "../../api/reads.ts";
import { onceForEach } from "../../api/request/read-for.ts";
import { startOfMinute } from "../../lib/clock.ts";
import type { LevelsWanted } from "../../projections/queries/row-types.ts";
import type { ReadRevision } from "../../projections/queries/rows-revision.ts";

/** Of each reader over all events so many questions; a page of a hundred events is some hundred kilobytes. */
const MOST_KEPT = 8;
/** Of single events so many ticket types of all together: with their HTML they are two kilobytes each. */
const MOST_TYPES = 6_000;
/** Levels, hours, shops and changes of single events; of each reader so many. */
const MOST_ROWS = 12_000;
const HALF_DAY_MS = 43_200_000;

type SummaryWanted = Parameters<ApiReads["readSummary"]>[0];
type Wanted<Name extends "readSales" | "readLevels"> = Parameters<ApiReads[Name]>[1];

interface KeptReadsOptions {
  readRevision: ReadRevision;
  now: () => Date;
}

interface Room<Found> {
  most: number;
  /**
   * What of it an answer takes; without this each takes one. What is read again and says the same is then the
   * same object, by which its HTML is kept.
   */
  sizeOf?: (found: Found) => number;
}

interface Known<Found> {
  revision: string;
  found: Found;
}

/**
 * The same readers for views: what they read is kept by its question for as long as rows say the same. Whoever
 * looks has a page made of their own, by their clock and under their name, and all of them of the same rows.
 * What a partner may see is part of the question (`api/narrowed-reads.ts`).
 */
export function keptReads(reads: ViewReads, { readRevision, now }: KeptReadsOptions): ViewReads {
  const { lists, readLaunches, readChanges, readSummary, readAccounts } = reads;
  /** What one view is made of is of one revision. */
  const lookUpRevision = onceForEach(() => readRevision(now()));
  const readEvents = kept(lists.events);
  const readSummaryIn = kept(({ wanted }: { wanted: SummaryWanted; minute: number }) =>
    readSummary(wanted),
  );
  const readAccountsIn = kept((_: { minute: number }) => readAccounts());
  const readSomeChanges = kept(readChanges);
  const readChangesOf = kept(readChanges, { most: MOST_ROWS, sizeOf: ({ rows }) => rows.length });
  const minute = () => startOfMinute(now()).getTime();
  return {
    lists: {
      ...lists,
      // As if it was read now: the cursors of a list that hangs on time as well hold when it was.
      events: async (wanted) => ({ ...(await readEvents(wanted)), at: wanted.asOf ?? now() }),
    },
    readLaunches: kept(readLaunches),
    readChanges: (wanted) =>
      wanted.eventIds?.length === 1 ? readChangesOf(wanted) : readSomeChanges(wanted),
    // The next launch and the next race are those that are still to come.
    readSummary: (wanted) => readSummaryIn({ wanted, minute: minute() }),
    // That one was read again writes no row: who looks sees it with the next minute, as pages are kept.
    readAccounts: () => readAccountsIn({ minute: minute() }),
    ...ofOneEvent(),
  };

  /**
   * Who looks goes from one event to the next, and opens each again: all of them have room. Rows that a view has
   * already may be older than the revision, so that what hangs on them reads its own.
   */
  function ofOneEvent() {
    const readRows = kept(reads.readRows, {
      most: MOST_TYPES,
      sizeOf: ({ ticketTypes }) => ticketTypes.length,
    });
    const readShops = kept(
      async ({ eventId }: { eventId: string }) =>
        reads.readUnderShops(eventId, await readRows({ eventId })),
      { most: MOST_ROWS, sizeOf: (shops) => shops.length },
    );
    const readSales = kept(
      async ({ eventId, wanted }: { eventId: string; wanted: Wanted<"readSales"> }) => ({
        page: await reads.readSales(eventId, wanted, await rowsOf(eventId, wanted)),
      }),
      { most: MOST_ROWS, sizeOf: ({ page }) => page?.sales.length ?? 0 },
    );
    const readLevels = kept(
      async ({ eventId, wanted }: { eventId: string; wanted: LevelsWanted; minute: number }) => ({
        page: await reads.readLevels(eventId, wanted, await rowsOf(eventId, wanted)),
      }),
      { most: MOST_ROWS, sizeOf: ({ page }) => page?.rows.length ?? 0 },
    );
    const rowsOf = (eventId: string, { asOf }: { asOf?: Date | undefined }) =>
      readRows({ eventId, asOf });
    return {
      readRows,
      readUnderShops: (eventId: string) => readShops({ eventId }),
      readSales: async (eventId: string, wanted: Wanted<"readSales">) =>
        (await readSales({ eventId, wanted })).page,
      readLevels: async (eventId: string, wanted: LevelsWanted) =>
        (await readLevels({ eventId, wanted, minute: minuteOf(wanted) })).page,
    };
  }

  /** When the day begins that levels are wanted from, how it stood by then is one more. */
  function minuteOf({ from }: LevelsWanted): number {
    return Date.parse(from ?? "") + HALF_DAY_MS > now().getTime() ? minute() : 0;
  }

  /** What is wanted says all that an answer hangs on beside the rows, as plain values. */
  function kept<Wanted extends object, Found extends object>(
    read: (wanted: Wanted) => Promise<Found>,
    { most, sizeOf }: Room<Found> = { most: MOST_KEPT },
  ) {
    const known = new LRUCache<string, Known<Found>>(
      sizeOf ? { maxSize: most, sizeCalculation: ({ found }) => 1 + sizeOf(found) } : { max: most },
    );
    const underWay = new Map<string, Promise<Found>>();
    return async (wanted: Wanted): Promise<Found> => {
      const revision = await lookUpRevision();
      if (revision === undefined) return read(wanted);
      const question = JSON.stringify(wanted);
      const before = known.get(question);
      if (before?.revision === revision) return before.found;
      // Whoever asks while it is being read waits for the same.
      const key = `${revision} ${question}`;
      const waiting = underWay.get(key);
      if (waiting) return waiting;
      const mine = read(wanted).then((found) => {
        const isSame = sizeOf && before && Bun.deepEquals(before.found, found, true);
        known.set(question, { revision, found: isSame ? before.found : found });
        return isSame ? before.found : found;
      });
      underWay.set(key, mine);
      return mine.finally(() => underWay.delete(key));
    };
  }
}
