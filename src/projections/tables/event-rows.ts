import type { PendingQuery, Row } from "postgres";
import type { Fact } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { someTexts } from "../../database/some-texts.ts";
import {
  type Column,
  fieldsAs,
  fieldTypesOf,
  namesOf,
  takenOver,
} from "../../database/table-columns.ts";
import { headColumns, ticketTypeColumns, underShopColumns } from "./description-tables.ts";
import type { Pairs } from "./descriptions.ts";

const WEBHOOK: Fact["payload"]["source"] = "webhook";

/** The current row of each of these events, or of all. */
export const refreshEvents = (sql: Sql, wanted: readonly string[] | "all") => sql`
  insert into event (
    event_id, ${namesOf(sql, headColumns)}, updated_at, deleted_at, changed_at
  )
  ${eventsOf(sql, wanted)}
  order by 1
  on conflict (event_id) do update set
    ${takenOver(sql, headColumns)},
    updated_at = excluded.updated_at,
    deleted_at = excluded.deleted_at,
    changed_at = excluded.changed_at
  where event is distinct from excluded
`;

/**
 * Events as their history says that they are, or were at an instant. An account lost an event when it was
 * deleted there and no later reading from Vivenu's API found it there again: a webhook can be two hours old,
 * an answer of the API cannot. The event is that account's which described it last of those that have it; it
 * is deleted when all have lost it, and then it is whose it was last. At an instant it is whose it was seen to
 * be by then, if that account had not lost it. `changed_at` is when the newest content
 * was observed first, or when the event went, moved or came back since.
 */
export const eventsOf = (sql: Sql, wanted: readonly string[] | "all", at?: Date) => sql`
  select
    wanted.event_id, ${fieldsAs(sql, headColumns, "head")}, latest.updated_at,
    owner.gone_at as deleted_at,
    greatest(newest.since, owner.gone_at, owner.moved_at, back.observed_at) as changed_at
  from ${
    wanted === "all"
      ? sql`(select distinct event_id from event_version)`
      : sql`unnest(${someTexts(sql, wanted)})`
  } as wanted (event_id)
  cross join lateral (
    select since, content from event_head_version v
    where v.event_id = wanted.event_id ${until(sql, "version_at", at)}
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) newest
  cross join lateral (
    select account, updated_at from event_version v
    where v.event_id = wanted.event_id ${until(sql, "version_at", at)}
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) latest
  -- Of an event that nobody ever lost no version is looked at, however many there are: nothing is found.
  cross join lateral (
    select
      (array_agg(account order by
        lost_at is not null, seen_later_at nulls first, lost_at desc, version_at desc,
        observed_at desc, fact_key desc
      ))[1] as account,
      case when bool_and(lost_at is not null) then max(lost_at) end as gone_at,
      case when bool_or(lost_at is null) then max(lost_at) filter (where account = latest.account) end
        as moved_at
    from (
      select distinct on (v.account) v.account, v.version_at, v.observed_at, (
        select min(d.observed_at) from event_deletion d
        where d.event_id = wanted.event_id and d.account = v.account
          ${until(sql, "observed_at", at)}
          and not exists (
            select from event_version later
            where later.event_id = d.event_id and later.account = d.account
              and later.source <> ${WEBHOOK} and later.observed_at > d.observed_at
              ${until(sql, "later.observed_at", at)}
          )
      ) as lost_at, v.fact_key, ${seenLater(sql, "v", at)} as seen_later_at
      from event_version v
      where v.event_id = wanted.event_id ${until(sql, "version_at", at)}
        and (${seenLater(sql, "latest", at)} is not null or exists (
          select from event_deletion d
          where d.event_id = wanted.event_id ${until(sql, "observed_at", at)}
        ))
      order by v.account, v.version_at desc, v.observed_at desc, v.fact_key desc
    ) of_account
  ) owner
  -- Since when its owner has it.
  cross join lateral (
    select min(v.observed_at) as observed_at from event_version v
    where owner.account is not null
      and v.event_id = wanted.event_id and v.account = owner.account
      and v.source <> ${WEBHOOK} ${until(sql, "v.observed_at", at)}
      and v.observed_at > coalesce((
        select max(d.observed_at) from event_deletion d
        where d.event_id = wanted.event_id and d.account = owner.account
          ${until(sql, "d.observed_at", at)}
      ), '-infinity')
  ) back
  cross join lateral jsonb_to_record(
    newest.content || jsonb_build_object('account', coalesce(owner.account, latest.account))
  ) as head (${fieldTypesOf(sql, headColumns)})
`;

/**
 * When an account was first seen to have the event, where that was after the instant that is looked at: its
 * description may be older than the move, and the event was still another's.
 */
const seenLater = (sql: Sql, version: string, at: Date | undefined) =>
  at === undefined
    ? sql`null::timestamptz`
    : sql`(
        select min(seen.observed_at) from event_version seen
        where seen.event_id = wanted.event_id and seen.account = ${sql(`${version}.account`)}
        having min(seen.observed_at) > ${at}
      )`;

const until = (sql: Sql, column: string, at: Date | undefined) =>
  at === undefined ? sql`` : sql`and ${sql(column)} <= ${at}`;

export const refreshTicketTypes = (sql: Sql, wanted: Pairs | "all") =>
  refreshItems(sql, wanted, ticketTypes);

export const refreshUnderShops = (sql: Sql, wanted: Pairs | "all") =>
  refreshItems(sql, wanted, underShops);

interface Items {
  /** The table of current rows, that of what they were, and what names one of an event's. */
  row: string;
  versions: string;
  item: string;
  document: readonly Column[];
}

export const ticketTypes: Items = {
  row: "ticket_type",
  versions: "ticket_type_version",
  item: "ticket_type_id",
  document: ticketTypeColumns,
};

export const underShops: Items = {
  row: "under_shop",
  versions: "under_shop_version",
  item: "under_shop_id",
  document: underShopColumns,
};

function refreshItems(sql: Sql, wanted: Pairs | "all", items: Items) {
  const { row, versions, item, document } = items;
  const all =
    wanted === "all"
      ? sql`(select distinct event_id, ${sql(item)} from ${sql(versions)})`
      : sql`unnest(${someTexts(sql, wanted.eventIds)}, ${someTexts(sql, wanted.ids)})`;
  return sql`
    insert into ${sql(row)} (event_id, ${sql(item)}, ${namesOf(sql, document)}, changed_at)
    ${itemsOf(sql, all, items)}
    order by 1, 2
    on conflict (event_id, ${sql(item)}) do update set
      ${takenOver(sql, document)}, changed_at = excluded.changed_at
    where ${sql(row)} is distinct from excluded
  `;
}

/** The wanted things (event and item) as their history says that they are, or were at an instant. */
export const itemsOf = (
  sql: Sql,
  wanted: PendingQuery<Row[]>,
  { versions, item, document }: Items,
  at?: Date,
) => sql`
  select
    wanted.event_id, wanted.item_id as ${sql(item)}, ${fieldsAs(sql, document, "said")},
    newest.since as changed_at
  from ${wanted} as wanted (event_id, item_id)
  cross join lateral (
    select since, content from ${sql(versions)} v
    where v.event_id = wanted.event_id and v.${sql(item)} = wanted.item_id
      ${until(sql, "version_at", at)}
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) newest
  cross join lateral jsonb_to_record(newest.content) as said (${fieldTypesOf(sql, document)})
`;
