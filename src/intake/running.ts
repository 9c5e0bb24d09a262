import type { SalesCounted } from "../contracts/index.ts";
import type { Sql } from "../database/connect.ts";
import { classify, type TicketClass } from "../rules/classify.ts";
import { countingTickets } from "../rules/count.ts";
import { isParent } from "../rules/parents.ts";
import { idsOf, type PageContent } from "../vivenu/page.ts";
import { readAccountReading } from "./account-reading.ts";
import { saveCurrencies } from "./currency.ts";
import type { Description } from "./describe.ts";
import { type Difference, differencesBetween } from "./difference.ts";
import { recordCount, typeCountsOf } from "./record-count.ts";
import { noteClocks, type WrongClock } from "./ticket-clocks.ts";
import { type EventKey, lockTicketsOf, type Place, takeFromElsewhere } from "./ticket-moves.ts";
import {
  believedTickets,
  CHUNK,
  changedBy,
  countsAlike,
  deleteTickets,
  lockTickets,
  type ReadTimes,
  readAlikeTickets,
  readOtherTickets,
  readTickets,
  saveTickets,
  stateOf,
  type TicketState,
} from "./ticket-state.ts";
import { countUnread, forgetUnreadOf, noteUnread, readUnread } from "./unread.ts";

/** Its tickets or its description changed; nothing where it was never read whole. */
export const markDirty = (tx: Sql, account: string, eventIds: readonly string[]) => tx`
  update running_count set dirty = true
  where account = ${account} and event_id = any(${[...eventIds]}::text[]) and not dirty
`;

/** The tickets that were created up to `until`. */
export interface WholeReading extends PageContent, ReadTimes {
  account: string;
  eventId: string;
}

export interface Settled {
  /** What the running count had wrong, by field. */
  differences: Difference[];
  /** The events that had some of these tickets before, and are to be counted again. */
  left: EventKey[];
  /** Tickets of which it was not known that their clock is wrong. */
  wrongClocks: WrongClock[];
}

/**
 * A whole reading is the truth: what is kept is made the same, but for what changed since. Undefined
 * where the event is gone by now.
 */
export async function settleWhole(tx: Sql, found: WholeReading): Promise<Settled | undefined> {
  const { account, eventId, until } = found;
  const reading = { ...found, tickets: believedTickets(found.tickets, found) };
  const key = { account, eventId };
  const accounts = await lockTicketsOf(tx, account, idsOf(reading));
  const [gone] = await tx`
    select from event_seen
    where account = ${account} and event_id = ${eventId} and deleted_at is not null
  `;
  // It was deleted while it was read: what is kept of it was forgotten, and must not come back.
  if (gone) return undefined;
  const { ticketsUntil } = await readAccountReading(tx, account);
  const [based] = await tx`
    select based_at from running_count where account = ${account} and event_id = ${eventId}
  `;
  const { stale, left } = await takeFromElsewhere(tx, {
    ...{ accounts, until },
    places: placesIn(reading),
  });
  const wrongClocks = await noteClocks(tx, account, found);
  await settleUnread(tx, reading, stale);
  // What broke since the reading was begun is not again what it was.
  const unread = await readUnread(tx, account, eventId);
  const tickets = reading.tickets.filter(({ _id }) => !unread.has(_id) && !stale.has(_id));
  const ticketIds = idsOf(reading);
  const known = based && ticketsUntil ? ticketsUntil.toISOString() : "";
  const missed: Changed[] = [];
  for (let at = 0; at < tickets.length; at += CHUNK) {
    const read = tickets.slice(at, at + CHUNK).map(stateOf);
    const changed = await readChangedOf(tx, key, read);
    const stored = changed.map(({ now }) => ({ eventId, state: now }));
    await saveTickets(tx, account, stored);
    missed.push(...changed.filter(({ now }) => now.updatedAt <= known));
  }
  const vanished = await readOtherTickets(tx, { ...key, ticketIds, until });
  const vanishedIds = vanished.map(({ ticketId }) => ticketId);
  await deleteTickets(tx, account, eventId, vanishedIds);
  await tx`
    insert into running_count (account, event_id, based_at) values (${account}, ${eventId}, ${until})
    on conflict (account, event_id) do update set based_at = excluded.based_at, dirty = true
  `;
  if (known === "") return { differences: [], left, wrongClocks };
  const differences = differencesBetween(
    [...missed.flatMap(({ was }) => was ?? []), ...vanished],
    missed.map(({ now }) => now),
  );
  return { differences, left, wrongClocks };
}

/** Of one that can not be read it is known where it is, and of a changing one at the latest when. */
const placesIn = ({ eventId, tickets, malformed, ...times }: WholeReading): Place[] => [
  ...tickets.map(({ _id, updatedAt }) => ({ eventId, ticketId: _id, updatedAt })),
  ...malformed.flatMap(({ id, updatedAt }) =>
    id === null ? [] : { eventId, ticketId: id, updatedAt: changedBy(updatedAt, times) },
  ),
];

/** Of those that can not be read, those that could be when they changed since are left alone. */
async function settleUnread(
  tx: Sql,
  { account, eventId, until, ...reading }: WholeReading,
  stale: ReadonlySet<string>,
) {
  await forgetUnreadOf(tx, { account, eventId, until });
  const ids = reading.malformed.flatMap(({ id }) => id ?? []);
  const changed = await readTickets(tx, { account, eventId, ticketIds: ids });
  const later = changed.filter(({ updatedAt }) => updatedAt > until.toISOString());
  const readable = new Set(later.map(({ ticketId }) => ticketId));
  const tickets = reading.malformed
    .filter(({ id }) => id === null || !(readable.has(id) || stale.has(id)))
    .map((broken) => ({ eventId, broken }));
  await noteUnread(tx, account, { tickets, until });
}

interface Changed {
  was: TicketState | undefined;
  now: TicketState;
}

/** Those that are not kept as they were read, but for what is kept of a later change. */
async function readChangedOf(
  tx: Sql,
  key: { account: string; eventId: string },
  read: TicketState[],
): Promise<Changed[]> {
  const ticketIds = read.map(({ ticketId }) => ticketId);
  const kept = await readTickets(tx, { ...key, ticketIds });
  const before = new Map(kept.map((state) => [state.ticketId, state]));
  return read
    .map((now) => ({ was: before.get(now.ticketId), now }))
    .filter(({ was, now }) => !was || (was.updatedAt <= now.updatedAt && !countsAlike(was, now)));
}

export interface RunningCountOptions {
  account: string;
  eventId: string;
  /** The tickets that are kept are at least of then. */
  at: Date;
  overrides?: Readonly<Record<string, TicketClass>> | undefined;
  source?: SalesCounted["source"] | undefined;
  force?: boolean | undefined;
  /** Every ticket was read for it. */
  isFull?: boolean;
}

export interface KeptCount {
  /** Whether it says something new. */
  recorded: boolean;
  /** How many tickets have a status that is not known. */
  unknown: number;
}

/** Counts an event by the tickets that are kept; not completely where there are others. */
export async function countKept(tx: Sql, options: RunningCountOptions): Promise<KeptCount> {
  const { account, eventId, at, overrides, source, force, isFull = false } = options;
  await lockTickets(tx, account);
  const [seen] = await tx<{ description: Description }[]>`
    select description from event_seen where account = ${account} and event_id = ${eventId}
  `;
  const types = seen?.description.ticketTypes ?? [];
  const secondary = [...classify(types, overrides, seen?.description.categories)].flatMap(
    ([id, type]) => (type === "secondary" ? id : []),
  );
  const counting = countingTickets(
    types.map(({ ticketTypeId }) => ticketTypeId),
    new Set(secondary),
  );
  let total = 0;
  for await (const tickets of readAlikeTickets(tx, account, eventId)) {
    counting.add(tickets);
    for (const { alike = 1 } of tickets) total += alike;
  }
  const tally = counting.tally();
  await saveCurrencies(tx, account, eventId, tally.currenciesInUse);
  const unread = await countUnread(tx, account, eventId);
  const { ticketsUntil } = await readAccountReading(tx, account);
  const countedAt = new Date(Math.max(at.getTime(), ticketsUntil?.getTime() ?? 0)).toISOString();
  await tx`
    update running_count set dirty = false where account = ${account} and event_id = ${eventId}
  `;
  const count = {
    ...{ eventId, countedAt, complete: unread === 0, currencies: tally.currencies },
    ...{ ticketsRead: total, expectedTotal: total + unread },
    ticketTypes: typeCountsOf(tally),
  };
  const recorded = await recordCount(tx, account, count, {
    ...(source && { source }),
    ...(force && { force }),
    isFull,
  });
  return { recorded, unknown: tally.ticketTypes.reduce((sum, t) => sum + (t.unknown ?? 0), 0) };
}

/** The events that changed since they were counted. */
export async function readDirty(sql: Sql, account: string): Promise<string[]> {
  const rows = await sql<{ eventId: string }[]>`
    select r.event_id from running_count r
    join event_seen s on s.account = r.account and s.event_id = r.event_id
    where r.account = ${account} and r.dirty and s.deleted_at is null
    order by r.event_id
  `;
  return rows.map(({ eventId }) => eventId);
}

/** The events of which something is kept. */
export async function readBased(sql: Sql, account: string): Promise<string[]> {
  const rows = await sql<{ eventId: string }[]>`
    select event_id from running_count where account = ${account} order by event_id
  `;
  return rows.map(({ eventId }) => eventId);
}

/** The watched events that were never read whole, those that hold others left out. */
export async function readUnbased(sql: Sql, account: string): Promise<string[]> {
  const rows = await sql<{ eventId: string; eventType: string; childEventIds: string[] }[]>`
    select
      s.event_id, s.description ->> 'eventType' as event_type,
      coalesce(s.description -> 'childEventIds', '[]') as child_event_ids
    from event_seen s
    left join running_count r on r.account = s.account and r.event_id = s.event_id
    where s.account = ${account} and s.deleted_at is null and r.event_id is null
    order by s.event_id
  `;
  return rows.filter((event) => !isParent(event)).map(({ eventId }) => eventId);
}

/** An event is gone from its account, and with it what was kept of its tickets. */
export async function forgetTickets(tx: Sql, account: string, eventId: string): Promise<void> {
  await lockTickets(tx, account);
  await tx`delete from ticket_state where account = ${account} and event_id = ${eventId}`;
  await tx`delete from running_count where account = ${account} and event_id = ${eventId}`;
  await tx`delete from ticket_unread where account = ${account} and event_id = ${eventId}`;
  await tx`delete from ticket_clock where account = ${account} and event_id = ${eventId}`;
  await tx`delete from ticket_reading where account = ${account} and event_id = ${eventId}`;
}

/** Whether an event was once read whole. */
export async function isBased(sql: Sql, account: string, eventId: string): Promise<boolean> {
  const rows = await sql`
    select from running_count where account = ${account} and event_id = ${eventId}
  `;
  return rows.length > 0;
}

/**
 * Up to when the oldest whole reading of an account's events reached, or will when it goes on: changes
 * are to be read from there on. Undefined where there is none.
 */
export async function readOldestBase(sql: Sql, account: string): Promise<Date | undefined> {
  const [row] = await sql<{ basedAt: Date | null }[]>`
    select min(based_at) as based_at
    from (
      select account, event_id, based_at from running_count
      union all
      select account, event_id, until from ticket_reading
    ) r
    join event_seen s using (account, event_id)
    where account = ${account} and s.deleted_at is null
  `;
  return row?.basedAt ?? undefined;
}
