import type { Sql } from "../../database/connect.ts";

export interface UnreadableEvent {
  account: string;
  eventId: string;
  name: string;
  /** As Vivenu calls them: `sellStart`, `underShops.<id>.sellEnd`, or `categories[]` for an element of a list. */
  unreadable: string[];
}

/** The events of which Vivenu says a time that can be no date of theirs, or a part that cannot be read. */
export const readUnreadableEvents = (sql: Sql) => sql<UnreadableEvent[]>`
  select account, event_id, name, unreadable from event
  where unreadable is not null and deleted_at is null
  order by account, start_at, event_id
`;
