import { LRUCache } from "lru-cache";
import type { ApiReads, ViewReads } from "../../api/reads.ts";
import { startOfMinute } from "../../lib/clock.ts";
import type { ReadRevision } from "../../projections/queries/rows-revision.ts";

/** Of each reader so many questions; a page of a hundred events is some hundred kilobytes. */
const MOST_KEPT = 8;

type SummaryWanted = Parameters<ApiReads["readSummary"]>[0];

interface KeptReadsOptions {
  readRevision: ReadRevision;
  now: () => Date;
}

/**
 * The same readers for views: what they read is kept by its question for as long as rows say the same. Whoever
 * looks has a page made of their own, by their clock and under their name, and all of them of the same rows.
 * What a partner may see is part of the question (`api/narrowed-reads.ts`).
 */
export function keptReads(
  { lists, readLaunches, readChanges, readSummary, readAccounts }: ViewReads,
  { readRevision, now }: KeptReadsOptions,
): ViewReads {
  const readEvents = kept(lists.events);
  const readSummaryIn = kept(({ wanted }: { wanted: SummaryWanted; minute: number }) =>
    readSummary(wanted),
  );
  const readAccountsIn = kept((_: { minute: number }) => readAccounts());
  const minute = () => startOfMinute(now()).getTime();
  return {
    lists: {
      ...lists,
      // As if it was read now: the cursors of a list that hangs on time as well hold when it was.
      events: async (wanted) => ({ ...(await readEvents(wanted)), at: wanted.asOf ?? now() }),
    },
    readLaunches: kept(readLaunches),
    readChanges: kept(readChanges),
    // The next launch and the next race are those that are still to come.
    readSummary: (wanted) => readSummaryIn({ wanted, minute: minute() }),
    // That one was read again writes no row: who looks sees it with the next minute, as pages are kept.
    readAccounts: () => readAccountsIn({ minute: minute() }),
  };

  /** What is wanted says all that an answer hangs on beside the rows, as plain values. */
  function kept<Wanted extends object, Found extends object>(
    read: (wanted: Wanted) => Promise<Found>,
  ) {
    const known = new LRUCache<string, Found, { wanted: Wanted }>({
      max: MOST_KEPT,
      // Who waits for it has it also where there is no room any more to keep it.
      ignoreFetchAbort: true,
      // Whoever asks while it is being read waits for the same.
      fetchMethod: (_question, _stale, { context }) => read(context.wanted),
    });
    return async (wanted: Wanted): Promise<Found> => {
      const revision = await readRevision(now());
      if (revision === undefined) return read(wanted);
      return known.forceFetch(`${revision} ${JSON.stringify(wanted)}`, { context: { wanted } });
    };
  }
}
