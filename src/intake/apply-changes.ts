import type { Sql } from "../database/connect.ts";
import type { PageContent } from "../vivenu/page.ts";
import { saveAccountReading } from "./account-reading.ts";
import { lockTickets, markDirty } from "./running.ts";
import { saveTickets, stateOf } from "./ticket-state.ts";
import { forgetUnread, noteUnread, readEventsOf, type UnreadTicket } from "./unread.ts";

export interface Unreadable {
  /** The watched events that have a ticket which can not be read, and that was not known. */
  eventIds: string[];
  /** How many there are of which not even the event is known. */
  unplaced: number;
}

/**
 * Takes over changed tickets of watched events, and with them that all is known up to `until`. One that
 * can not be read costs its own event a complete count and nobody else anything.
 */
export async function applyChanges(
  tx: Sql,
  account: string,
  { tickets, malformed, until }: PageContent & { until: Date },
): Promise<Unreadable> {
  await lockTickets(tx, account);
  const { placed, unplaced } = await placesOf(tx, account, malformed);
  const named = [...tickets, ...placed].map(({ eventId }) => eventId);
  const isWatched = await watchedAmong(tx, account, named);
  const stored = tickets
    .filter(({ eventId }) => isWatched.has(eventId))
    .map((ticket) => ({ eventId: ticket.eventId, state: stateOf(ticket) }));
  const noted = await noteUnread(tx, account, {
    tickets: placed.filter(({ eventId }) => isWatched.has(eventId)),
    until,
  });
  const touched = [
    ...(await saveTickets(tx, account, stored)),
    ...(await forgetUnread(
      tx,
      account,
      stored.map(({ eventId, state }) => ({ eventId, ticketId: state.ticketId })),
    )),
    ...noted.map(({ eventId }) => eventId),
  ];
  if (touched.length > 0) await markDirty(tx, account, touched);
  await saveAccountReading(tx, account, { ticketsUntil: until });
  const eventIds = noted.flatMap(({ eventId, isNew }) => (isNew ? eventId : []));
  return { eventIds: [...new Set(eventIds)], unplaced };
}

/** Whose they are, by their own word or by what was kept of them. */
async function placesOf(tx: Sql, account: string, malformed: PageContent["malformed"]) {
  const ids = malformed.flatMap(({ id, eventId }) => (eventId === null && id ? id : []));
  const kept = await readEventsOf(tx, account, ids);
  const placed: UnreadTicket[] = malformed.flatMap((broken) => {
    const eventId = broken.eventId ?? kept.get(broken.id ?? "");
    return eventId === undefined ? [] : { eventId, broken };
  });
  return { placed, unplaced: malformed.length - placed.length };
}

async function watchedAmong(tx: Sql, account: string, eventIds: string[]): Promise<Set<string>> {
  if (eventIds.length === 0) return new Set();
  const watched = await tx<{ eventId: string }[]>`
    select event_id from event_seen
    where account = ${account} and deleted_at is null
      and event_id = any(${[...new Set(eventIds)]}::text[])
  `;
  return new Set(watched.map(({ eventId }) => eventId));
}
