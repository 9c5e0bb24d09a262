import type { Sql } from "../../database/connect.ts";
import type { EventInRows } from "../tables/event-state.ts";
import type { Touched } from "../tables/touched.ts";
import {
  deleteChanges,
  type FoundChanges,
  moveAccounts,
  readStanding,
  rewriteChanges,
} from "./change-rows.ts";
import type { Derivation, Derive, DeriveContext, Derived } from "./derivation.ts";
import { describedChanges } from "./described.ts";
import type { Past } from "./event-past.ts";
import {
  type FoldState,
  type KeptState,
  keepFoldStates,
  newestWindows,
  placesIn,
  readStarts,
  type Start,
} from "./fold-state.ts";
import type { Looked } from "./past-rows.ts";
import { lookUpNewest, readNewestPasts, readPasts } from "./read-pasts.ts";
import { soldOutChanges } from "./sold-out-changes.ts";
import { readWindows, type Window } from "./windows.ts";

/** Raise it when the rules find other changes in the same past: all are then found anew. */
const RULES = 9;

export interface ChangesLimits {
  /** So many facts of an event are in memory at one time. */
  atOnce: number;
  /** More facts than these would keep a page of the log waiting. */
  mostInPage: number;
  /** After so many steps the place stays from which what comes late is gone through. */
  staysAfter: number;
  /** A place from which what comes late is gone through is as near as that, once something came late there. */
  nearWithin: number;
}

/**
 * What changed in the events' descriptions, and when events and ticket types were nearly sold out, sold
 * out or paused, and open again. An event's past is gone through from the last place that is kept before
 * what was touched, so that the newest fact costs the same however long the past is.
 */
export function changesWith(limits: ChangesLimits): Derivation {
  const deriveFrom =
    (asked?: Asked): Derive =>
    async (sql, touched, context) => {
      const { postpone } = context;
      const here = asked && isOf(asked, touched) ? asked : undefined;
      const most = postpone ? limits.mostInPage : limits.atOnce;
      const found = await (here?.starts ?? readStarts(sql, touched, most));
      const long = new Set(
        postpone && found.flatMap(({ state, until }) => (until ? state.eventId : [])),
      );
      for (const one of touched) if (long.has(one.eventId)) postpone?.(one);
      const starts = found.filter(({ state }) => !long.has(state.eventId));
      let from = starts.map(({ state }) => state);
      let windows = starts.map(({ state: { eventId, after }, until }): Window => {
        return { eventId, after, until };
      });
      let first: First | undefined = { starts, pasts: here?.pasts };
      const sinceOf = new Map(starts.map(({ state, since }) => [state.eventId, since]));
      const told = new Set(starts.flatMap(({ state, isTold }) => (isTold ? state.eventId : [])));
      let written: Promise<unknown> = Promise.resolve();
      while (from.length > 0) {
        const stretch = { from, windows, first, told, sinceOf, ...limits };
        const went = await goThrough(sql, stretch, context);
        ({ from, written } = went);
        first = undefined;
        if (from.length > 0) windows = await readWindows(sql, from, limits.atOnce);
      }
      return { written };
    };
  return {
    name: "changes",
    tables: ["event_change"],
    memory: ["change_fold"],
    madeOf: ({ policy, classes = {}, soldOut = null }) => ({ RULES, policy, classes, soldOut }),
    derive: deriveFrom(),
    ahead: (sql, touched) => deriveFrom(askAhead(sql, touched, limits.mostInPage)),
  };
}

/** What was asked for before it was known what of these events is to be made anew. */
interface Asked {
  touched: readonly Touched[];
  starts: Promise<Start[]>;
  pasts: Promise<Looked>;
}

function askAhead(sql: Sql, touched: readonly Touched[], most: number): Asked {
  const starts = readStarts(sql, touched, most);
  const pasts = lookUpNewest(sql, newestWindows(sql, touched));
  // Whoever does not need them is told elsewhere why they failed.
  for (const asked of [starts, pasts]) asked.catch(() => {});
  return { touched, starts, pasts };
}

/** What is noted of an event besides, or made under other settings, begins elsewhere. */
const isOf = ({ touched: asked }: Asked, touched: readonly Touched[]) =>
  asked.length === touched.length &&
  asked.every(({ eventId, since }, index) => {
    const other = touched[index];
    return other?.eventId === eventId && other.since?.getTime() === since?.getTime();
  });

export const changes = changesWith({
  atOnce: 300,
  mostInPage: 2_000,
  staysAfter: 200,
  nearWithin: 20,
});

interface Stretch extends Pick<ChangesLimits, "staysAfter" | "nearWithin"> {
  from: readonly FoldState[];
  /** Of the same events. */
  windows: readonly Window[];
  /** Of the first stretch. */
  first: First | undefined;
  /** The events of which changes stand behind the first stretch's beginning. */
  told: ReadonlySet<string>;
  /** Of each event the oldest instant of what is known otherwise; null for the whole past. */
  sinceOf: ReadonlyMap<string, Date | null>;
}

interface First {
  starts: readonly Start[];
  /** Of these starts, as far as they were right ahead. */
  pasts: Promise<Looked> | undefined;
}

/** Finds the changes in one stretch of each event's past, and says where to go on. */
async function goThrough(
  sql: Sql,
  { from, windows, first, told, sinceOf, staysAfter, nearWithin }: Stretch,
  context: DeriveContext,
): Promise<{ from: FoldState[] } & Derived> {
  const { settings } = context;
  const eventIds = from.map(({ eventId }) => eventId);
  const [standing, pastOf, accountOf] = await Promise.all([
    readStanding(
      sql,
      windows.filter(({ eventId }) => told.has(eventId)),
    ),
    readPastsIn(sql, windows, context, first?.pasts),
    readAccounts(sql, eventIds, context.rows),
  ]);
  const untilOf = new Map(windows.map(({ eventId, until }) => [eventId, until]));
  const went: Went[] = [];
  const failed: FoldState[] = [];
  for (const state of from) {
    const { eventId } = state;
    try {
      const past = pastOf(eventId);
      const [until, since] = [untilOf.get(eventId) ?? null, sinceOf.get(eventId) ?? null];
      const how = { settings, until, since, staysAfter, nearWithin };
      went.push(goneThrough(state, past, how));
    } catch (error) {
      context.onFault(eventId, error);
      failed.push(state);
    }
  }
  const written = keepFoldStates(sql, went, staysAfter);
  // Whoever fails before it is waited for tells of that.
  written.catch(() => {});
  // What an event has is kept where nothing can be made of it; but no half of what is new.
  const halves = first ? [] : failed.map(({ eventId }) => eventId);
  const [rewritten, gone] = await Promise.all([
    rewriteChanges(
      sql,
      went.map(
        ({ from: { eventId, after }, found }): FoundChanges => ({
          ...{ eventId, after, until: untilOf.get(eventId) ?? null },
          account: accountOf.get(eventId) ?? "",
          changes: found,
        }),
      ),
      standing,
    ),
    halves.length > 0 ? deleteChanges(sql, halves) : [],
    first && moveAccounts(sql, movedIn(accountOf, first.starts)),
  ]);
  context.news?.gone([...rewritten.gone, ...gone]);
  context.news?.found(rewritten.found);
  return { from: went.flatMap(({ states, isOver }) => (isOver ? [] : states.slice(-1))), written };
}

/**
 * In a page of the log nobody else changes an event's rows, and most often its newest fact is all that
 * is new. The background has no such hold on them.
 */
async function readPastsIn(
  sql: Sql,
  windows: readonly Window[],
  { postpone, rows }: Pick<DeriveContext, "postpone" | "rows">,
  asked: Promise<Looked> | undefined,
): Promise<(eventId: string) => Past> {
  const isNewest = ({ after, until }: Window) => postpone && after !== null && until === null;
  const { newest = [], other = [] } = Object.groupBy(windows, (window) =>
    isNewest(window) ? "newest" : "other",
  );
  const ahead = await asked;
  const isAsked = newest.every(
    ({ eventId, after }) => ahead?.afterOf(eventId)?.getTime() === after?.getTime(),
  );
  const [newestOf, otherOf] = await Promise.all([
    readNewestPasts(sql, newest, { rows, looked: isAsked ? ahead : undefined }),
    readPasts(sql, other),
  ]);
  const ofNewest = new Set(newest.map(({ eventId }) => eventId));
  return (eventId) => (ofNewest.has(eventId) ? newestOf : otherOf)(eventId);
}

interface Went {
  from: FoldState;
  /** The last of them is where it came to; none where nothing followed. */
  states: KeptState[];
  isOver: boolean;
  found: FoundChanges["changes"];
}

interface Through
  extends Pick<DeriveContext, "settings">,
    Pick<ChangesLimits, "staysAfter" | "nearWithin"> {
  until: Date | null;
  since: Date | null;
}

function goneThrough(
  from: FoldState,
  { known, steps }: Past,
  { settings, until, since, ...limits }: Through,
): Went {
  const { eventId } = from;
  const { policy, classes } = settings;
  const { countedClasses } = policy;
  const described = describedChanges(known, steps, { countedClasses, overrides: classes });
  const { places, steps: took } = placesIn(steps, { steps: from.steps, since, ...limits });
  const soldOut = soldOutChanges(known, steps, {
    ...{ from: from.watches, settings },
    places: new Set(places.map(({ step }) => step)),
  });
  const states = places.map(({ step, ...place }): KeptState => {
    return { eventId, ...place, after: step.at, watches: soldOut.watchesAt.get(step) ?? {} };
  });
  const at = until ?? steps.at(-1)?.at;
  if (at)
    states.push({ eventId, after: at, steps: took, watches: soldOut.watches, isBehind: false });
  return { from, states, isOver: until === null, found: [...described, ...soldOut.changes] };
}

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
const movedIn = (accountOf: ReadonlyMap<string, string>, starts: readonly Start[]) => {
  const toldOf = new Map(starts.map(({ state, toldOf: account }) => [state.eventId, account]));
  return new Map(
    [...accountOf].filter(([eventId, account]) => {
      const told = toldOf.get(eventId) ?? null;
      return told !== null && told !== account;
    }),
  );
};
