import type { SalesCounted } from "../contracts/index.ts";
import type { Sql } from "../database/connect.ts";
import { classify, type TicketClass } from "../rules/classify.ts";
import { countTickets } from "../rules/count.ts";
import type { Ticket } from "../vivenu/wire.ts";
import type { Description } from "./describe.ts";
import { type Difference, differencesBetween } from "./difference.ts";
import { recordCount, typeCountsOf } from "./record-count.ts";
import {
  CHUNK,
  countsAlike,
  deleteTickets,
  readAlikeTickets,
  readOtherTickets,
  readTickets,
  saveTickets,
  stateOf,
  type TicketState,
} from "./ticket-state.ts";

/** How far an account was read. */
export interface AccountReading {
  /** Every change of a ticket up to then is known; null before the first whole poll. */
  ticketsUntil: Date | null;
  eventsUntil: Date | null;
  eventsListed: number | null;
  followedAt: Date | null;
}

export async function readAccountReading(sql: Sql, account: string): Promise<AccountReading> {
  const [row] = await sql<AccountReading[]>`
    select tickets_until, events_until, events_listed, followed_at
    from account_reading where account = ${account}
  `;
  return row ?? { ticketsUntil: null, eventsUntil: null, eventsListed: null, followedAt: null };
}

/** What is left out stays as it was; no moment goes back. */
export const saveAccountReading = (
  sql: Sql,
  account: string,
  { ticketsUntil, eventsUntil, eventsListed, followedAt }: Partial<AccountReading>,
) => sql`
  insert into account_reading (account, tickets_until, events_until, events_listed, followed_at)
  values (
    ${account}, ${ticketsUntil ?? null}, ${eventsUntil ?? null}, ${eventsListed ?? null},
    ${followedAt ?? null}
  )
  on conflict (account) do update set
    tickets_until = greatest(account_reading.tickets_until, excluded.tickets_until),
    events_until  = greatest(account_reading.events_until, excluded.events_until),
    events_listed = coalesce(excluded.events_listed, account_reading.events_listed),
    followed_at   = greatest(account_reading.followed_at, excluded.followed_at)
`;

/** One at a time touches an account's tickets, so that two never wait for each other's rows. */
const lockTickets = (tx: Sql, account: string) =>
  tx`select pg_advisory_xact_lock(hashtextextended(${`tickets ${account}`}, 0))`;

/** Takes over changed tickets of watched events, and with them that all is known up to `until`. */
export async function applyChanges(
  tx: Sql,
  account: string,
  { tickets, until }: { tickets: readonly Ticket[]; until: Date },
): Promise<void> {
  await lockTickets(tx, account);
  if (tickets.length > 0) {
    const eventIds = [...new Set(tickets.map(({ eventId }) => eventId))];
    const watched = await tx<{ eventId: string }[]>`
      select event_id from event_seen
      where account = ${account} and deleted_at is null and event_id = any(${eventIds}::text[])
    `;
    const isWatched = new Set(watched.map(({ eventId }) => eventId));
    const ours = tickets.filter(({ eventId }) => isWatched.has(eventId));
    const stored = ours.map((ticket) => ({ eventId: ticket.eventId, state: stateOf(ticket) }));
    const touched = await saveTickets(tx, account, stored);
    await markDirty(tx, account, [...touched]);
  }
  await saveAccountReading(tx, account, { ticketsUntil: until });
}

/** Its tickets or its description changed; nothing where it was never read whole. */
export const markDirty = (tx: Sql, account: string, eventIds: readonly string[]) => tx`
  update running_count set dirty = true
  where account = ${account} and event_id = any(${[...eventIds]}::text[]) and not dirty
`;

export interface WholeReading {
  account: string;
  eventId: string;
  /** The tickets that were created up to then. */
  until: Date;
  tickets: readonly Ticket[];
}

/**
 * A whole reading is the truth: what is kept is made the same, but for what changed since. Returns
 * what the running count had wrong, by field.
 */
export async function settleWhole(tx: Sql, reading: WholeReading): Promise<Difference[]> {
  const { account, eventId, until } = reading;
  const key = { account, eventId };
  await lockTickets(tx, account);
  const [gone] = await tx`
    select from event_seen
    where account = ${account} and event_id = ${eventId} and deleted_at is not null
  `;
  // It was deleted while it was read: what is kept of it was forgotten, and must not come back.
  if (gone) return [];
  const { ticketsUntil } = await readAccountReading(tx, account);
  const [based] = await tx`
    select based_at from running_count where account = ${account} and event_id = ${eventId}
  `;
  const ticketIds = reading.tickets.map(({ _id }) => _id);
  const known = based && ticketsUntil ? ticketsUntil.toISOString() : "";
  const missed: Changed[] = [];
  for (let at = 0; at < reading.tickets.length; at += CHUNK) {
    const read = reading.tickets.slice(at, at + CHUNK).map(stateOf);
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
  if (known === "") return [];
  return differencesBetween(
    [...missed.flatMap(({ was }) => was ?? []), ...vanished],
    missed.map(({ now }) => now),
  );
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
}

/** Counts an event by the tickets that are kept; true when that says something new. */
export async function countKept(tx: Sql, options: RunningCountOptions): Promise<boolean> {
  const { account, eventId, at, overrides, source, force } = options;
  await lockTickets(tx, account);
  const [seen] = await tx<{ description: Description }[]>`
    select description from event_seen where account = ${account} and event_id = ${eventId}
  `;
  const types = seen?.description.ticketTypes ?? [];
  const secondary = [...classify(types, overrides)].flatMap(([id, type]) =>
    type === "secondary" ? id : [],
  );
  const tickets = await readAlikeTickets(tx, account, eventId);
  const total = tickets.reduce((sum, { alike = 1 }) => sum + alike, 0);
  const tally = countTickets(
    tickets,
    types.map(({ ticketTypeId }) => ticketTypeId),
    new Set(secondary),
  );
  const { ticketsUntil } = await readAccountReading(tx, account);
  const countedAt = new Date(Math.max(at.getTime(), ticketsUntil?.getTime() ?? 0)).toISOString();
  await tx`
    update running_count set dirty = false where account = ${account} and event_id = ${eventId}
  `;
  const count = {
    ...{ eventId, countedAt, complete: true, currencies: tally.currencies },
    ...{ ticketsRead: total, expectedTotal: total },
    ticketTypes: typeCountsOf(tally),
  };
  return recordCount(tx, account, count, {
    isNewest: true,
    ...(source && { source }),
    ...(force && { force }),
  });
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

/** The watched events that were never read whole, those that hold others left out. */
export async function readUnbased(sql: Sql, account: string): Promise<string[]> {
  const rows = await sql<{ eventId: string }[]>`
    select s.event_id from event_seen s
    left join running_count r on r.account = s.account and r.event_id = s.event_id
    where s.account = ${account} and s.deleted_at is null and r.event_id is null
      and s.description ->> 'eventType' not in ('ROOT', 'GROUP')
    order by s.event_id
  `;
  return rows.map(({ eventId }) => eventId);
}

/** An event is gone from its account, and with it what was kept of its tickets. */
export async function forgetTickets(tx: Sql, account: string, eventId: string): Promise<void> {
  await lockTickets(tx, account);
  await tx`delete from ticket_state where account = ${account} and event_id = ${eventId}`;
  await tx`delete from running_count where account = ${account} and event_id = ${eventId}`;
  await tx`delete from ticket_reading where account = ${account} and event_id = ${eventId}`;
}

/** Up to when an event was read whole, or the oldest of an account's; undefined where none was. */
export async function readBaseOf(
  sql: Sql,
  account: string,
  eventId?: string,
): Promise<Date | undefined> {
  const [row] = await sql<{ basedAt: Date | null }[]>`
    select min(r.based_at) as based_at from running_count r
    join event_seen s on s.account = r.account and s.event_id = r.event_id
    where r.account = ${account} and s.deleted_at is null
      and r.event_id = coalesce(${eventId ?? null}::text, r.event_id)
  `;
  return row?.basedAt ?? undefined;
}

interface TicketsToCheck {
  /** How many were created up to then. */
  tickets: number;
  ticketsUntil: Date;
  checkedAt: Date | null;
}

export async function readTicketsToCheck(
  sql: Sql,
  { account, eventId }: { account: string; eventId: string },
): Promise<TicketsToCheck | undefined> {
  const [row] = await sql<TicketsToCheck[]>`
    select a.tickets_until, r.checked_at, (
      select count(*)::int from ticket_state t
      where t.account = r.account and t.event_id = r.event_id and t.created_at <= a.tickets_until
    ) as tickets
    from running_count r
    join account_reading a on a.account = r.account and a.tickets_until is not null
    where r.account = ${account} and r.event_id = ${eventId}
  `;
  return row;
}

export const saveChecked = (sql: Sql, account: string, eventId: string, at: Date) => sql`
  update running_count set checked_at = ${at}
  where account = ${account} and event_id = ${eventId}
`;
