import type { Sql } from "../../database/connect.ts";
import { lockTickets } from "./locks.ts";

/*
 * A ticket keeps its id when Vivenu moves it to another event, of the same account or of another one.
 * It is kept, and counted, where it was last seen: what is kept of it elsewhere goes, and the events
 * that lose one are to be counted again.
 */

export interface EventKey {
  account: string;
  eventId: string;
}

/** A ticket where a reading found it. */
export interface Place {
  eventId: string;
  ticketId: string;
  /** ISO. */
  updatedAt: string;
}

export interface Moves {
  /** The tickets that were changed later, and elsewhere: the reading is older than that. */
  stale: Set<string>;
  /** The events that lost a ticket, those that are not counted by kept tickets left out. */
  left: EventKey[];
}

/** Locks an account's tickets, and those of the accounts that keep some of these; returns them all. */
export async function lockTicketsOf(
  tx: Sql,
  account: string,
  ticketIds: readonly string[],
): Promise<string[]> {
  const others = await tx<{ account: string }[]>`
    select distinct account from ticket_state
    where ticket_id = any(${[...ticketIds]}::text[]) and account <> ${account}
  `;
  // In one order everywhere, so that two transactions never wait for each other.
  const accounts = [account, ...others.map((other) => other.account)].sort();
  for (const one of accounts) await lockTickets(tx, one);
  return accounts;
}

/** Takes tickets from where they were before; `until` is up to when the reading knows of changes. */
export async function takeFromElsewhere(
  tx: Sql,
  {
    accounts,
    places,
    until,
  }: { accounts: readonly string[]; places: readonly Place[]; until: Date },
): Promise<Moves> {
  const rows = places.map(({ eventId, ticketId, updatedAt }) => ({
    event_id: eventId,
    ticket_id: ticketId,
    updated_at: updatedAt,
  }));
  const found = await tx<(EventKey & { ticketId: string | null })[]>`
    with found as (
      select event_id, ticket_id, updated_at
      from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
        as new (event_id text, ticket_id text, updated_at timestamptz)
    ), elsewhere as (
      -- An event that is another account's by now took its tickets along.
      select s.account, s.event_id, s.ticket_id, s.updated_at > f.updated_at as is_later
      from found f
      join ticket_state s on s.ticket_id = f.ticket_id and s.event_id <> f.event_id
      where s.account = any(${[...accounts]}::text[])
      union all
      select u.account, u.event_id, u.ticket_id, u.noted_at > ${until} as is_later
      from found f
      join ticket_unread u on u.ticket_id = f.ticket_id and u.event_id <> f.event_id
      where u.account = any(${[...accounts]}::text[])
    ), stale as (
      select distinct ticket_id from elsewhere where is_later
    ), moved as (
      select account, event_id, ticket_id from elsewhere where not is_later
    ), taken as (
      delete from ticket_state s using moved m
      where s.account = m.account and s.event_id = m.event_id and s.ticket_id = m.ticket_id
    ), forgotten as (
      delete from ticket_unread u using moved m
      where u.account = m.account and u.event_id = m.event_id and u.ticket_id = m.ticket_id
    ), dirtied as (
      update running_count r set dirty = true
      from (select distinct account, event_id from moved) m
      where r.account = m.account and r.event_id = m.event_id
      returning r.account, r.event_id
    )
    select account, event_id, null as ticket_id from dirtied
    union all
    select '' as account, '' as event_id, ticket_id from stale
  `;
  return {
    stale: new Set(found.flatMap(({ ticketId }) => ticketId ?? [])),
    left: found.flatMap(({ account, eventId, ticketId }) =>
      ticketId === null ? { account, eventId } : [],
    ),
  };
}
