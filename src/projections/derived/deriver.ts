import type { Sql } from "../../database/connect.ts";
import { inOrder } from "../../lib/in-order.ts";
import type { ChangeNews } from "../tables/change-news.ts";
import { earlierOf, type Touched } from "../tables/touched.ts";
import {
  type Derivation,
  type Derive,
  type DeriveContext,
  type Derived,
  digestOf,
  type RowSettings,
} from "./derivation.ts";

export interface DeriverOptions {
  derivations: readonly Derivation[];
  settings: RowSettings;
  /** Without it an event whose rows cannot be made is a failure. */
  onFault?: (eventId: string, error: unknown) => void;
}

export type Deriver = ReturnType<typeof deriver>;

/** Of a whole log so many events at a time. */
const SOME_EVENTS = 20;

type Given = Pick<DeriveContext, "rows" | "news">;

/** Makes rows that are claimed, in the transaction that claimed them. */
export type MakeRows = (given?: Given) => Promise<Derived>;

interface Held {
  /** What takes long is left to the background. */
  isBrief?: boolean;
  /** By derivation: what was asked behind the claim. */
  ahead?: ReadonlyMap<string, Derive | undefined>;
}

/** What is asked of an event: undefined where nothing became otherwise beside what is noted. */
type Asked = ReadonlyMap<string, Date | null | undefined>;

/**
 * Makes derived rows, each time in the caller's transaction. Of two that make an event's rows at one
 * time the later waits for the earlier and sees what that one committed. Only for the background, which
 * may take long, nobody waits: what became otherwise meanwhile is noted, and made after it.
 */
export function deriver({ derivations, settings, onFault }: DeriverOptions) {
  const digests = new Map(derivations.map((one) => [one.name, digestOf(one, settings)]));
  const names = [...digests.keys()];

  return {
    /** By derivation: what rows of these settings are marked with. */
    digests: digests as ReadonlyMap<string, string>,

    /**
     * Claims what a page of facts touched until the transaction ends; what would take too long is left to
     * the background. Sends the claim at once, and returns what makes the claimed rows: what that asks
     * first it sends at once as well.
     */
    claimPage(sql: Sql, touched: readonly Touched[]): MakeRows {
      if (touched.length === 0 || names.length === 0) return async () => NOTHING;
      const claiming = claim(sql, touched, names);
      // Whoever makes the rows is told of it.
      claiming.catch(() => {});
      return async (given = {}) => {
        const ahead = new Map(derivations.map((one) => [one.name, one.ahead?.(sql, touched)]));
        const { states, isAtOnce } = await claiming;
        const left = touched.filter(({ eventId }) => !states.has(eventId));
        for (const name of names) await noteTouches(sql, name, left);
        const free = touched.filter(({ eventId }) => states.has(eventId));
        const asked = new Map(free.map(({ eventId, since }) => [eventId, since]));
        const held = { isBrief: true, ...(isAtOnce && { ahead }) };
        return derive(sql, asked, states, { ...held, ...given });
      };
    },

    /** What of one event is to be made anew, in the background. */
    async deriveEvent(sql: Sql, eventId: string, news?: ChangeNews): Promise<void> {
      await sql`select pg_advisory_xact_lock(${lockOf(sql, sql`${eventId}`)})`;
      const states = await lockEvents(sql, [eventId], names);
      const { written } = await derive(sql, new Map([[eventId, undefined]]), states, { news });
      await written;
    },

    /** All rows of all events, for who has the tables alone. */
    async deriveAll(sql: Sql): Promise<void> {
      for (let last = ""; names.length > 0; ) {
        const events = await sql<{ eventId: string }[]>`
          select event_id from event where event_id > ${last} order by event_id limit ${SOME_EVENTS}
        `;
        const eventIds = events.map(({ eventId }) => eventId);
        const states = await lockEvents(sql, eventIds, names);
        const all = new Map(eventIds.map((eventId) => [eventId, null]));
        const { written } = await derive(sql, all, states);
        await written;
        const next = events.at(-1);
        if (!next) return;
        last = next.eventId;
      }
    },
  };

  async function derive(
    sql: Sql,
    asked: Asked,
    states: States,
    { isBrief = false, ahead, rows, news }: Held & Given = {},
  ): Promise<Derived> {
    if (asked.size === 0) return NOTHING;
    const written: Promise<unknown>[] = [];
    const stateOf = (eventId: string, name: string) =>
      states.get(eventId)?.get(name) ?? { made: null, noted: [] };
    for (const derivation of derivations) {
      const { name } = derivation;
      const digest = digests.get(name) ?? "";
      const touched = [...asked].flatMap(([eventId, since]) => {
        const { made, noted } = stateOf(eventId, name);
        if (made !== digest) return { eventId, since: null };
        const sinces = since === undefined ? noted : [since, ...noted];
        const [first, ...others] = sinces;
        return first === undefined ? [] : { eventId, since: others.reduce(earlierOf, first) };
      });
      if (touched.length === 0) continue;
      const failed = new Set<string>();
      const postponed = new Map<string, Touched>();
      const make = ahead?.get(name) ?? derivation.derive;
      const derived = await make(sql, touched, {
        settings,
        rows,
        news,
        onFault(eventId, error) {
          if (!onFault) throw error;
          failed.add(eventId);
          onFault(eventId, error);
        },
        postpone: isBrief ? (one) => void postponed.set(one.eventId, one) : undefined,
      });
      written.push(derived.written);
      await noteTouches(sql, name, [...postponed.values()]);
      const made = touched.flatMap(({ eventId }) => {
        const now = failed.has(eventId) ? null : digest;
        if (postponed.has(eventId) || stateOf(eventId, name).made === now) return [];
        return { event_id: eventId, digest: now };
      });
      if (made.length > 0) await mark(sql, name, made);
    }
    const all = inOrder(written);
    // It may fail before anybody waits for it, who is told of it all the same.
    all.catch(() => {});
    return { written: all };
  }
}

const NOTHING: Derived = { written: Promise.resolve() };

interface Claimed {
  states: States;
  /** Nothing had to be added for it, so that whatever was sent behind the claim comes behind its locks. */
  isAtOnce: boolean;
}

/** Those that the background has in hand are left out: nobody waits for it. */
async function claim(sql: Sql, touched: readonly Touched[], names: string[]): Promise<Claimed> {
  const eventIds = touched.map(({ eventId }) => eventId);
  const first = await claimRows(sql, eventIds);
  const ofFirst = statesIn(first);
  const missing = [...ofFirst].flatMap(([event_id, known]) =>
    names.flatMap((derivation) => (known.has(derivation) ? [] : { event_id, derivation })),
  );
  if (missing.length === 0) return { states: ofFirst, isAtOnce: true };
  // Another page may add them too: it is waited for, and what it made is seen then.
  await sql`
    insert into derived_event (event_id, derivation)
    select event_id, derivation
    from jsonb_to_recordset(${JSON.stringify(missing)}::text::jsonb) as new (
      event_id text, derivation text
    )
    order by event_id, derivation
    on conflict do nothing
  `;
  const notes = first.filter(({ isNote }) => isNote);
  const states = statesIn([...(await claimRows(sql, [...ofFirst.keys()])), ...notes]);
  return { states, isAtOnce: false };
}

interface ClaimedRow {
  eventId: string;
  /** Null where nothing was ever derived of the event. */
  derivation: string | null;
  digest: string | null;
  since: Date | null;
  isNote: boolean;
}

const claimRows = (sql: Sql, eventIds: readonly string[]) =>
  sql<ClaimedRow[]>`
  with
    free as materialized (
      select event_id from unnest(${[...eventIds]}::text[]) as asked (event_id)
      where pg_try_advisory_xact_lock_shared(${lockOf(sql, sql`event_id`)})
    ),
    claimed as (
      update derived_event set revision = pg_current_xact_id()
      where event_id = any (array(select event_id from free))
      returning event_id, derivation, digest
    ),
    noted as (
      delete from derived_touch where event_id = any (array(select event_id from free))
      returning event_id, derivation, since
    )
  select event_id, derivation, digest, null::timestamptz as since, false as is_note
  from free left join claimed using (event_id)
  union all
  select event_id, derivation, null, since, true from noted
`.execute();

function statesIn(rows: readonly ClaimedRow[]) {
  const states = new Map<string, Map<string, State>>();
  for (const { eventId } of rows) states.set(eventId, new Map());
  for (const { eventId, derivation, digest, isNote } of rows)
    if (!isNote && derivation !== null)
      states.get(eventId)?.set(derivation, { made: digest, noted: [] });
  for (const { eventId, derivation, since, isNote } of rows)
    if (isNote)
      states
        .get(eventId)
        ?.get(derivation ?? "")
        ?.noted.push(since);
  return states;
}

/** Of a rebuild's rows and of the live ones it is not the same lock. */
const lockOf = (sql: Sql, eventId: ReturnType<Sql>) =>
  sql`hashtextextended(current_schema() || ' derived ' || ${eventId}::text, 0)`;

interface State {
  /** Under which settings its rows were made; null where that is to be done. */
  made: string | null;
  noted: (Date | null)[];
}

/** By event and derivation. */
type States = ReadonlyMap<string, ReadonlyMap<string, State>>;

/** Until the transaction ends nobody else makes these events' rows. What was noted is taken over. */
async function lockEvents(sql: Sql, eventIds: string[], names: string[]): Promise<States> {
  const [, events, , touches] = await Promise.all([
    sql`
      insert into derived_event (event_id, derivation)
      select event_id, derivation
      from unnest(${eventIds}::text[]) as asked (event_id),
        unnest(${names}::text[]) as of (derivation)
      order by event_id, derivation
      on conflict do nothing
    `,
    sql<{ eventId: string; derivation: string; digest: string | null }[]>`
      select event_id, derivation, digest from derived_event
      where event_id = any(${eventIds}::text[])
      order by event_id, derivation
      for update
    `,
    sql`
      update derived_event set revision = pg_current_xact_id()
      where event_id = any(${eventIds}::text[])
    `,
    sql<{ eventId: string; derivation: string; since: Date | null }[]>`
      delete from derived_touch where event_id = any(${eventIds}::text[])
      returning event_id, derivation, since
    `,
  ]);
  const keyOf = (eventId: string, derivation: string) => `${derivation} ${eventId}`;
  const digests = new Map(
    events.map(({ eventId, derivation, digest }) => [keyOf(eventId, derivation), digest]),
  );
  const noted = Map.groupBy(touches, ({ eventId, derivation }) => keyOf(eventId, derivation));
  return new Map(
    eventIds.map((eventId) => [
      eventId,
      new Map(
        names.map((name): [string, State] => {
          const key = keyOf(eventId, name);
          const sinces = (noted.get(key) ?? []).map(({ since }) => since);
          return [name, { made: digests.get(key) ?? null, noted: sinces }];
        }),
      ),
    ]),
  );
}

async function noteTouches(sql: Sql, name: string, touched: readonly Touched[]) {
  if (touched.length === 0) return;
  await sql`
    insert into derived_touch (event_id, derivation, since)
    select event_id, ${name}, since
    from jsonb_to_recordset(${JSON.stringify(
      touched.map(({ eventId, since }) => ({ event_id: eventId, since })),
    )}::text::jsonb) as new (event_id text, since timestamptz)
  `;
}

const mark = (sql: Sql, name: string, made: { event_id: string; digest: string | null }[]) => sql`
  update derived_event set digest = new.digest
  from jsonb_to_recordset(${JSON.stringify(made)}::text::jsonb) as new (event_id text, digest text)
  where derived_event.event_id = new.event_id and derived_event.derivation = ${name}
`;
