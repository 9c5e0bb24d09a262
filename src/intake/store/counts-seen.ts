import type { TicketTypeCount } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";

/** By ticket type the hours that were said since all ticket types were said, as `2026-02-27T23`. */
export type HoursSaid = Record<string, { newSales: string[]; replacements: string[] }>;

/** What the last count of an event said. */
export interface CountSeen {
  countedAt: Date;
  /** Of the last complete count. */
  ticketTypes: TicketTypeCount[];
  /** What the last count said if it was not complete. */
  incomplete: string | null;
  /** Since all ticket types were said. */
  sinceWhole: HoursSaid;
}

/**
 * The newest of whichever account: who reads the log knows one event, and what was said of it last. With whether
 * this account ever counted it.
 */
export async function readCountSeen(tx: Sql, account: string, eventId: string) {
  const [seen] = await tx<(CountSeen & { isKnownHere: boolean })[]>`
    select counted_at, ticket_types, incomplete, since_whole,
      bool_or(account = ${account}) over () as is_known_here
    from count_seen where event_id = ${eventId} order by counted_at desc limit 1
  `;
  return seen;
}

export const saveCountSeen = (
  tx: Sql,
  { account, eventId }: { account: string; eventId: string },
  { countedAt, ticketTypes, incomplete, sinceWhole }: CountSeen,
) => tx`
  insert into count_seen (account, event_id, counted_at, ticket_types, incomplete, since_whole)
  values (
    ${account}, ${eventId}, ${countedAt}, ${JSON.stringify(ticketTypes)}::text::jsonb, ${incomplete},
    ${JSON.stringify(sinceWhole)}::text::jsonb
  )
  on conflict (account, event_id) do update set
    counted_at   = excluded.counted_at,
    ticket_types = excluded.ticket_types,
    incomplete   = excluded.incomplete,
    since_whole  = excluded.since_whole
`;
