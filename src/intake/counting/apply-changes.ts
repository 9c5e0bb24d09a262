import type { Sql } from "../../database/connect.ts";
import { idsOf, type PageContent } from "../../vivenu/ticket-page.ts";
import { saveAccountReading } from "../store/account-reading.ts";
import { markDirty } from "../store/baselines.ts";
import { watchedAmong } from "../store/events-seen.ts";
import {
  type EventKey,
  lockTicketsOf,
  type Place,
  takeFromElsewhere,
} from "../store/moved-tickets.ts";
import { believedTickets, changedBy, saveTickets, stateOf } from "../store/ticket-states.ts";
import {
  forgetUnreadable,
  noteUnreadable,
  readEventsOf,
  type UnreadableTicket,
} from "../store/unreadable-tickets.ts";
import { noteClocks, type WrongClock } from "../store/wrong-clocks.ts";

export interface Changes extends PageContent {
  until: Date;
  /** Whether an event is never read: nothing is kept of its tickets. */
  excludes: (eventId: string) => boolean;
}

export interface AppliedChanges {
  /** The watched events that have a ticket which cannot be read, and that was not known. */
  unreadable: string[];
  /** How many cannot be read and not even their event is known. */
  unplaced: number;
  /** The events that lost a ticket to another one. */
  left: EventKey[];
  /** Tickets of which it was not known that their clock is wrong. */
  wrongClocks: WrongClock[];
}

/**
 * Takes over changed tickets of watched events, and with them that all is known up to `until`. One that
 * cannot be read costs its own event a complete count and nobody else anything. One that moved to an
 * event that is not watched is still no longer where it was.
 */
export async function applyChanges(
  tx: Sql,
  account: string,
  { malformed, until, excludes, ...read }: Changes,
): Promise<AppliedChanges> {
  const tickets = believedTickets(read.tickets, { until });
  const accounts = await lockTicketsOf(tx, account, idsOf({ tickets, malformed }));
  const { placed, unplaced } = await placesOf(tx, account, malformed);
  const named = [...tickets, ...placed].map(({ eventId }) => eventId);
  const isWatched = await watchedAmong(
    tx,
    account,
    named.filter((eventId) => !excludes(eventId)),
  );
  const places = [...tickets.map(placeOf), ...placed.flatMap((one) => brokenPlaceOf(one, until))];
  const { stale, left } = await takeFromElsewhere(tx, { accounts, places, until });
  const stored = tickets
    .filter(({ eventId, _id }) => isWatched.has(eventId) && !stale.has(_id))
    .map((ticket) => ({ eventId: ticket.eventId, state: stateOf(ticket) }));
  const noted = await noteUnreadable(tx, account, {
    tickets: placed.filter(
      ({ eventId, broken }) => isWatched.has(eventId) && !stale.has(broken.id ?? ""),
    ),
    until,
  });
  const touched = [
    ...(await saveTickets(tx, account, stored)),
    ...(await forgetUnreadable(
      tx,
      account,
      stored.map(({ eventId, state }) => ({ eventId, ticketId: state.ticketId })),
    )),
    ...noted.map(({ eventId }) => eventId),
  ];
  if (touched.length > 0) await markDirty(tx, account, touched);
  const kept = read.tickets.filter(({ eventId }) => isWatched.has(eventId));
  const wrongClocks = await noteClocks(tx, account, { tickets: kept, until });
  await saveAccountReading(tx, account, { ticketsUntil: until });
  const unreadable = noted.flatMap(({ eventId, isNew }) => (isNew ? eventId : []));
  return { unreadable: [...new Set(unreadable)], unplaced, left, wrongClocks };
}

const placeOf = ({ _id, eventId, updatedAt }: PageContent["tickets"][number]): Place => ({
  eventId,
  ticketId: _id,
  updatedAt,
});

const brokenPlaceOf = ({ eventId, broken }: UnreadableTicket, until: Date): Place[] => {
  const { id, updatedAt } = broken;
  return id === null ? [] : [{ eventId, ticketId: id, updatedAt: changedBy(updatedAt, { until }) }];
};

/** Whose they are, by their own word or by what was kept of them. */
async function placesOf(tx: Sql, account: string, malformed: PageContent["malformed"]) {
  const ids = malformed.flatMap(({ id, eventId }) => (eventId === null && id ? id : []));
  const kept = await readEventsOf(tx, account, ids);
  const placed: UnreadableTicket[] = malformed.flatMap((broken) => {
    const eventId = broken.eventId ?? kept.get(broken.id ?? "");
    return eventId === undefined ? [] : { eventId, broken };
  });
  return { placed, unplaced: malformed.length - placed.length };
}
