import type { Sql } from "../../database/connect.ts";
import type { EventInRows } from "../tables/event-state.ts";
import { deleteChanges, type FoundChanges, moveAccounts, writeChanges } from "./change-rows.ts";
import type { Derivation, DeriveContext } from "./derivation.ts";
import { describedChanges } from "./described.ts";
import { type Past, readNewestPasts, readPasts, readWindows, type Window } from "./event-past.ts";
import { type FoldState, keepFoldStates, readStarts, stateAfter } from "./fold-state.ts";
import { soldOutChanges } from "./sold-out-changes.ts";

/** Raise it when the rules find other changes in the same past: all are then found anew. */
const RULES = 6;

export interface ChangesLimits {
  /** So many facts of an event are in memory at one time. */
  atOnce: number;
  /** More facts than these would keep a page of the log waiting. */
  mostInPage: number;
  /** After so many steps the place stays from which what comes late is gone through. */
  staysAfter: number;
}

/**
 * What changed in the events' descriptions, and when events and ticket types were nearly sold out, sold
 * out or paused, and open again. An event's past is gone through from the last place that is kept before
 * what was touched, so that the newest fact costs the same however long the past is.
 */
export const changesWith = (limits: ChangesLimits): Derivation => ({
  name: "changes",
  tables: ["event_change"],
  memory: ["change_fold"],
  madeOf: ({ policy, classes = {}, soldOut = null }) => ({ RULES, policy, classes, soldOut }),
  async derive(sql, touched, context) {
    const { postpone } = context;
    const starts = await readStarts(sql, touched, postpone ? limits.mostInPage : limits.atOnce);
    const long = new Set(
      postpone && starts.flatMap(({ state, until }) => (until ? state.eventId : [])),
    );
    for (const one of touched) if (long.has(one.eventId)) postpone?.(one);
    const here = starts.filter(({ state }) => !long.has(state.eventId));
    const toldOf = new Map(here.map(({ state, toldOf: account }) => [state.eventId, account]));
    let from = here.map(({ state }) => state);
    let next = here.map(({ state: { eventId, after }, until }): Window => {
      return { eventId, after, until };
    });
    for (let isFirst = true; from.length > 0; isFirst = false) {
      from = await goThrough(sql, { from, windows: next, isFirst, toldOf, ...limits }, context);
      if (from.length > 0) next = await readWindows(sql, from, limits.atOnce);
    }
  },
});

export const changes = changesWith({ atOnce: 300, mostInPage: 2_000, staysAfter: 200 });

interface Stretch extends Pick<ChangesLimits, "staysAfter"> {
  from: readonly FoldState[];
  /** Of the same events. */
  windows: readonly Window[];
  isFirst: boolean;
  /** The account that each event's changes were of; null where there were none. */
  toldOf: ReadonlyMap<string, string | null>;
}

/** Finds the changes in one stretch of each event's past, and says where to go on. */
async function goThrough(
  sql: Sql,
  { from, windows, isFirst, toldOf, staysAfter }: Stretch,
  context: DeriveContext,
): Promise<FoldState[]> {
  const eventIds = from.map(({ eventId }) => eventId);
  const [pastOf, accountOf] = await Promise.all([
    readPastsIn(sql, windows, context),
    readAccounts(sql, eventIds, context.rows),
  ]);
  const untilOf = new Map(windows.map(({ eventId, until }) => [eventId, until]));
  const went: Went[] = [];
  const failed: FoldState[] = [];
  for (const state of from) {
    const { eventId } = state;
    try {
      const past = pastOf(eventId);
      went.push(
        goneThrough(state, past, { ...context, staysAfter, until: untilOf.get(eventId) ?? null }),
      );
    } catch (error) {
      context.onFault(eventId, error);
      failed.push(state);
    }
  }
  // What an event has is kept where nothing can be made of it; but no half of what is new.
  const anew = isFirst ? went.map(({ from: start }) => start) : failed.map(fromTheBeginning);
  const [gone] = await Promise.all([
    deleteChanges(sql, anew),
    isFirst ? moveAccounts(sql, movedIn(accountOf, toldOf)) : undefined,
    keepFoldStates(sql, went, staysAfter),
  ]);
  await writeChanges(
    sql,
    went.map(
      ({ from: { eventId }, found }): FoundChanges => ({
        eventId,
        account: accountOf.get(eventId) ?? "",
        changes: found,
      }),
    ),
  );
  context.news?.gone(gone);
  for (const { from: start, found } of went)
    context.news?.found(found.map((change) => ({ ...change, eventId: start.eventId })));
  return went.flatMap(({ to, isOver }) => (to && !isOver ? to : []));
}

/**
 * In a page of the log nobody else changes an event's rows, and most often its newest fact is all that
 * is new. The background has no such hold on them.
 */
async function readPastsIn(
  sql: Sql,
  windows: readonly Window[],
  { postpone, rows }: Pick<DeriveContext, "postpone" | "rows">,
): Promise<(eventId: string) => Past> {
  const isNewest = ({ after, until }: Window) => postpone && after !== null && until === null;
  const { newest = [], other = [] } = Object.groupBy(windows, (window) =>
    isNewest(window) ? "newest" : "other",
  );
  const [newestOf, otherOf] = await Promise.all([
    readNewestPasts(sql, newest, rows),
    readPasts(sql, other),
  ]);
  const ofNewest = new Set(newest.map(({ eventId }) => eventId));
  return (eventId) => (ofNewest.has(eventId) ? newestOf : otherOf)(eventId);
}

interface Went {
  from: FoldState;
  /** Absent where nothing followed. */
  to: FoldState | undefined;
  isOver: boolean;
  found: FoundChanges["changes"];
}

function goneThrough(
  from: FoldState,
  { known, steps }: Past,
  {
    settings,
    until,
    staysAfter,
  }: Pick<DeriveContext, "settings"> & Pick<Window, "until"> & Pick<ChangesLimits, "staysAfter">,
): Went {
  const { policy, classes } = settings;
  const { countedClasses } = policy;
  const described = describedChanges(known, steps, { countedClasses, overrides: classes });
  const soldOut = soldOutChanges(known, steps, { from: from.watches, settings });
  const at = until ?? steps.at(-1)?.at;
  return {
    from,
    isOver: until === null,
    to: at && stateAfter(from, { at, took: steps.length, watches: soldOut.watches, staysAfter }),
    found: [...described, ...soldOut.changes],
  };
}

const fromTheBeginning = ({ eventId }: FoldState) => ({ eventId, after: null });

/** Each event's, as it is described last; taken from rows that are at hand. */
async function readAccounts(
  sql: Sql,
  eventIds: readonly string[],
  rows: DeriveContext["rows"],
): Promise<Map<string, string>> {
  const atHand = (await rows) ?? new Map<string, EventInRows>();
  const unread = eventIds.filter((eventId) => !atHand.has(eventId));
  const read =
    unread.length === 0
      ? []
      : await sql<{ eventId: string; account: string }[]>`
          select event_id, account from event where event_id = any(${unread}::text[])
        `;
  return new Map([
    ...[...atHand].map(([eventId, { event }]) => [eventId, event.account] as const),
    ...read.map(({ eventId, account }) => [eventId, account] as const),
  ]);
}

/** Of the events whose changes are told of another account. */
const movedIn = (
  accountOf: ReadonlyMap<string, string>,
  toldOf: ReadonlyMap<string, string | null>,
) =>
  new Map(
    [...accountOf].filter(([eventId, account]) => {
      const told = toldOf.get(eventId) ?? null;
      return told !== null && told !== account;
    }),
  );
