import type { Sql } from "../../database/connect.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Ticket } from "../../vivenu/wire.ts";
import { changedBy, type ReadTimes } from "./ticket-states.ts";

/*
 * A ticket whose time of change cannot be believed counts as every other, but Vivenu does not list it
 * among what changed, so that what becomes of it is seen at the next full count only.
 */

export interface WrongClock {
  eventId: string;
  ticketId: string;
}

/** Notes which of these tickets, as Vivenu says them, have a wrong clock; returns those that had none. */
export async function noteClocks(
  tx: Sql,
  account: string,
  { tickets, ...times }: ReadTimes & { tickets: readonly Ticket[] },
): Promise<WrongClock[]> {
  const wrong = tickets.filter(({ updatedAt }) => changedBy(updatedAt, times) !== updatedAt);
  const wrongIds = new Set(wrong.map(({ _id }) => _id));
  const right = tickets.flatMap(({ _id }) => (wrongIds.has(_id) ? [] : _id));
  await tx`
    delete from ticket_clock where account = ${account} and ticket_id = any(${right}::text[])
  `;
  if (wrong.length === 0) return [];
  return tx<WrongClock[]>`
    insert into ticket_clock (account, event_id, ticket_id)
    select ${account}, event_id, ticket_id from unnest(
      ${wrong.map(({ eventId }) => eventId)}::text[], ${wrong.map(({ _id }) => _id)}::text[]
    ) as new (event_id, ticket_id)
    on conflict do nothing
    returning event_id, ticket_id
  `;
}

/** Of one event a log line names no more. */
const EXAMPLES = 5;

export function warnOfClocks(logger: Logger, account: string, wrong: readonly WrongClock[]) {
  for (const [eventId, some] of Map.groupBy(wrong, (one) => one.eventId)) {
    const ticketIds = some.slice(0, EXAMPLES).map(({ ticketId }) => ticketId);
    logger.warn({ account, eventId, tickets: some.length, ticketIds }, "ticket.clock_wrong");
  }
}

export interface WrongClocks {
  account: string;
  eventId: string;
  name: string;
  tickets: number;
}

/** The watched events that keep tickets whose clock is wrong. */
export const readWrongClocks = (
  sql: Sql,
  { accounts, exclude }: { accounts: readonly string[]; exclude: readonly string[] },
) => sql<WrongClocks[]>`
  select account, event_id, seen.description ->> 'name' as name, count(*)::int as tickets
  from ticket_clock clock
  join event_seen seen using (account, event_id)
  -- One look-up a clock: of a table that is nearly always empty PostgreSQL has no statistics, and for as
  -- many rows as it supposes it would read every ticket instead.
  cross join lateral (
    select from ticket_state ticket
    where ticket.account = clock.account and ticket.event_id = clock.event_id
      and ticket.ticket_id = clock.ticket_id
    limit 1
  ) still_kept
  where account = any(${[...accounts]}::text[]) and event_id <> all(${[...exclude]}::text[])
    and seen.deleted_at is null
  group by account, event_id, seen.description ->> 'name'
  order by account, event_id
`;
