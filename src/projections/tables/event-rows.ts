import type { Fact } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { headColumns, ticketTypeColumns, underShopColumns } from "./description-tables.ts";
import type { Pairs } from "./descriptions.ts";
import { type Column, fieldsOf, fieldTypesOf, namesOf, takenOver } from "./table-columns.ts";

const WEBHOOK: Fact["payload"]["source"] = "webhook";

/**
 * The current row of each of these events, or of all. `changed_at` is when the newest content was
 * observed first, or when the event went or came back since. An event is deleted when its account
 * deleted it and no later reading from Vivenu's API found it there again: a webhook can be two hours
 * old, an answer of the API cannot.
 */
export const refreshEvents = (sql: Sql, wanted: readonly string[] | "all") => sql`
  insert into event (
    event_id, ${namesOf(sql, headColumns)}, updated_at, deleted_at, changed_at
  )
  select
    wanted.event_id, ${fieldsOf(sql, headColumns, "head")}, latest.updated_at, gone.observed_at,
    greatest(newest.since, gone.observed_at, back.observed_at)
  from ${
    wanted === "all"
      ? sql`(select distinct event_id from event_version)`
      : sql`unnest(${[...wanted]}::text[])`
  } as wanted (event_id)
  cross join lateral (
    select since, content from event_head_version v where v.event_id = wanted.event_id
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) newest
  cross join lateral (
    select account, updated_at from event_version v where v.event_id = wanted.event_id
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) latest
  left join lateral (
    select min(d.observed_at) as observed_at from event_deletion d
    where d.event_id = wanted.event_id and d.account = latest.account
      and not exists (
        select from event_version v
        where v.event_id = d.event_id and v.account = d.account
          and v.source <> ${WEBHOOK} and v.observed_at > d.observed_at
      )
  ) gone on true
  cross join lateral (
    select max(d.observed_at) as observed_at from event_deletion d
    where d.event_id = wanted.event_id and d.account = latest.account
  ) last
  -- Of an event that was never gone no version is looked at, however many there are.
  cross join lateral (
    select min(v.observed_at) as observed_at from event_version v
    where last.observed_at is not null
      and v.event_id = wanted.event_id and v.account = latest.account
      and v.source <> ${WEBHOOK} and v.observed_at > last.observed_at
  ) back
  cross join lateral jsonb_to_record(newest.content) as head (${fieldTypesOf(sql, headColumns)})
  order by 1
  on conflict (event_id) do update set
    ${takenOver(sql, headColumns)},
    updated_at = excluded.updated_at,
    deleted_at = excluded.deleted_at,
    changed_at = excluded.changed_at
  where event is distinct from excluded
`;

export const refreshTicketTypes = (sql: Sql, wanted: Pairs | "all") =>
  refreshItems(sql, wanted, {
    row: "ticket_type",
    versions: "ticket_type_version",
    item: "ticket_type_id",
    document: ticketTypeColumns,
  });

export const refreshUnderShops = (sql: Sql, wanted: Pairs | "all") =>
  refreshItems(sql, wanted, {
    row: "under_shop",
    versions: "under_shop_version",
    item: "under_shop_id",
    document: underShopColumns,
  });

interface Items {
  /** The table of current rows, that of what they were, and what names one of an event's. */
  row: string;
  versions: string;
  item: string;
  document: readonly Column[];
}

const refreshItems = (
  sql: Sql,
  wanted: Pairs | "all",
  { row, versions, item, document }: Items,
) => sql`
  insert into ${sql(row)} (event_id, ${sql(item)}, ${namesOf(sql, document)}, changed_at)
  select wanted.event_id, wanted.item_id, ${fieldsOf(sql, document, "said")}, newest.since
  from ${
    wanted === "all"
      ? sql`(select distinct event_id, ${sql(item)} from ${sql(versions)})`
      : sql`unnest(${wanted.eventIds}::text[], ${wanted.ids}::text[])`
  } as wanted (event_id, item_id)
  cross join lateral (
    select since, content from ${sql(versions)} v
    where v.event_id = wanted.event_id and v.${sql(item)} = wanted.item_id
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) newest
  cross join lateral jsonb_to_record(newest.content) as said (${fieldTypesOf(sql, document)})
  order by 1, 2
  on conflict (event_id, ${sql(item)}) do update set
    ${takenOver(sql, document)}, changed_at = excluded.changed_at
  where ${sql(row)} is distinct from excluded
`;
