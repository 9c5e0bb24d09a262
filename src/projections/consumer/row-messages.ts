/**
 * What the rows' followers are told, in the transaction that writes the rows. A message is kept and not
 * only notified of: PostgreSQL's `notify` reaches nobody whose connection is cut at that moment, and takes no
 * more than 8,000 bytes. It is no projection: a replay neither makes nor compares it.
 */
import type { Fact } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { type ChangeKey, type ChangeNews, changeNews } from "../tables/change-news.ts";
import type { Touched } from "../tables/touched.ts";
import { ROWS_CHANNEL, tellRowsChanged } from "./rows-channel.ts";

/**
 * - `description`  an event, its ticket types or undershops, or that it is gone
 * - `sales`        what was counted
 * - `changes`      changes were found, or what was one is none any more
 * - `poll`         an account was polled
 * - `remade`       rows were made anew in the background
 * - `rebuilt`      a replay put other tables in the place of all
 */
const rowKinds = ["description", "sales", "changes", "poll", "remade", "rebuilt"] as const;
export type RowKind = (typeof rowKinds)[number];

export interface RowNews {
  kinds: readonly RowKind[];
  /** Those that were polled. */
  accounts?: readonly string[];
  eventIds?: readonly string[];
  changes?: readonly ChangeKey[];
}

/** How many messages are kept for who comes back: of quiet days all, of a launch an hour or so. */
export const KEPT_MESSAGES = 10_000;
/** So many go at a time. */
const PRUNED = 64;

/**
 * Tells of it on commit. Call it last: until the transaction ends nobody else has a position, and so messages
 * are seen in their order, each with all before it.
 */
export const tellRows = (
  sql: Sql,
  { kinds, accounts = [], eventIds = [], changes = [] }: RowNews,
) => sql`
  with told as (
    insert into row_position (position) values (1)
    on conflict (is_only) do update set position = row_position.position + 1
    returning position
  ), message as (
    insert into row_message (position, kinds, accounts, event_ids, changes)
    select
      position, ${[...kinds]}::text[], ${[...accounts]}::text[], ${[...eventIds]}::text[],
      ${changes.length > 0 ? JSON.stringify(changes) : null}::text::jsonb
    from told
  ), pruned as (
    delete from row_message using told
    where told.position % ${PRUNED} = 0 and row_message.position <= told.position - ${KEPT_MESSAGES}
  )
  select pg_notify(${ROWS_CHANNEL}, '') from told
`;

/** Hears what one transaction makes of its facts, and tells of it. */
export function rowTeller() {
  const news = changeNews();
  return {
    news,
    tell(sql: Sql, facts: readonly Fact[], touched: readonly Touched[]) {
      const told = newsOf(facts, touched, news);
      return told.kinds.length > 0 ? tellRows(sql, told) : tellRowsChanged(sql);
    },
  };
}

/** Rows of one event that were made anew in the background. */
export function tellRemade(sql: Sql, { eventId, news }: { eventId: string; news: ChangeNews }) {
  const { found, isAnyGone } = news.read();
  const kinds: RowKind[] = found.length > 0 || isAnyGone ? ["remade", "changes"] : ["remade"];
  return tellRows(sql, { kinds, eventIds: [eventId], changes: found });
}

function newsOf(facts: readonly Fact[], touched: readonly Touched[], news: ChangeNews): RowNews {
  const { found, isAnyGone } = news.read();
  const eventIds = new Set(touched.map(({ eventId }) => eventId));
  const kinds = new Set<RowKind>();
  const accounts = new Set<string>();
  for (const { eventType, payload } of facts) {
    if (eventType === "poll.finished.0") {
      kinds.add("poll");
      accounts.add(payload.account);
    } else if ("eventId" in payload && eventIds.has(payload.eventId))
      kinds.add(eventType.startsWith("sales.") ? "sales" : "description");
  }
  if (found.length > 0 || isAnyGone) kinds.add("changes");
  return { kinds: [...kinds], accounts: [...accounts], eventIds: [...eventIds], changes: found };
}
