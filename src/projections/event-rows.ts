import type { Sql } from "../database/connect.ts";
import { headColumns, ticketTypeColumns, underShopColumns } from "./event-columns.ts";

/** A fragment that names the rows to make anew. */
export type Wanted = ReturnType<Sql>;

/**
 * `changed_at` is when the newest content was first observed after the last version that said
 * otherwise, or when the event went or came back since. An event is deleted when its account deleted
 * it and no later reading from Vivenu's API found it there again: a webhook can be two hours old, an
 * answer of the API can not.
 */
export const refreshEvents = (sql: Sql, wanted: Wanted) => sql`
  insert into event (
    event_id, account, name, event_type, location_name, location_city, location_country, timezone,
    created_at, updated_at, start_at, end_at, sell_start, sell_end, visible_after, hide_in_listing,
    max_amount, currency, categories, ticket_type_ids, under_shop_ids, deleted_at, changed_at
  )
  select
    newest.event_id, newest.account, head.name, head."eventType", head."locationName",
    head."locationCity", head."locationCountry", head.timezone, head."createdAt",
    newest.updated_at, head.start, head."end", head."sellStart", head."sellEnd",
    head."visibleAfter", head."hideInListing", head."maxAmount", head.currency, head.categories,
    head."ticketTypeIds", head."underShopIds", gone.observed_at,
    greatest(since.observed_at, gone.observed_at, back.observed_at)
  from ${wanted} as wanted (event_id)
  cross join lateral (
    select * from event_version v where v.event_id = wanted.event_id
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) newest
  left join lateral (
    select version_at, observed_at, fact_key from event_version v
    where v.event_id = wanted.event_id and (v.head <> newest.head or v.account <> newest.account)
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) otherwise on true
  cross join lateral (
    select min(v.observed_at) as observed_at from event_version v
    where v.event_id = wanted.event_id
      and (otherwise.fact_key is null or (v.version_at, v.observed_at, v.fact_key)
        > (otherwise.version_at, otherwise.observed_at, otherwise.fact_key))
  ) since
  left join lateral (
    select min(d.observed_at) as observed_at from event_deletion d
    where d.event_id = wanted.event_id and d.account = newest.account
      and not exists (
        select from event_version v
        where v.event_id = d.event_id and v.account = d.account
          and v.source <> 'webhook' and v.observed_at > d.observed_at
      )
  ) gone on true
  left join lateral (
    select min(v.observed_at) as observed_at from event_version v
    where v.event_id = wanted.event_id and v.account = newest.account and v.source <> 'webhook'
      and v.observed_at > (
        select max(d.observed_at) from event_deletion d
        where d.event_id = wanted.event_id and d.account = newest.account
      )
  ) back on true
  cross join lateral jsonb_to_record(newest.head) as head (${headColumns(sql)})
  on conflict (event_id) do update set
    account          = excluded.account,
    name             = excluded.name,
    event_type       = excluded.event_type,
    location_name    = excluded.location_name,
    location_city    = excluded.location_city,
    location_country = excluded.location_country,
    timezone         = excluded.timezone,
    created_at       = excluded.created_at,
    updated_at       = excluded.updated_at,
    start_at         = excluded.start_at,
    end_at           = excluded.end_at,
    sell_start       = excluded.sell_start,
    sell_end         = excluded.sell_end,
    visible_after    = excluded.visible_after,
    hide_in_listing  = excluded.hide_in_listing,
    max_amount       = excluded.max_amount,
    currency         = excluded.currency,
    categories       = excluded.categories,
    ticket_type_ids  = excluded.ticket_type_ids,
    under_shop_ids   = excluded.under_shop_ids,
    deleted_at       = excluded.deleted_at,
    changed_at       = excluded.changed_at
  where event is distinct from excluded
`;

export const refreshTicketTypes = (sql: Sql, wanted: Wanted) => sql`
  insert into ticket_type (
    event_id, ticket_type_id, name, price_minor, amount, active, category_ref, auto_added,
    ignore_for_max_amounts, conditional_availability, hidden_in_selection_area, allocations,
    changed_at
  )
  select
    wanted.event_id, wanted.ticket_type_id, content.name, content."priceMinor", content.amount,
    content.active, content."categoryRef", content."autoAdded", content."ignoreForMaxAmounts",
    content."conditionalAvailability", content."hiddenInSelectionArea", content.allocations,
    since.observed_at
  from ${wanted} as wanted (event_id, ticket_type_id)
  cross join lateral (
    select * from ticket_type_version v
    where v.event_id = wanted.event_id and v.ticket_type_id = wanted.ticket_type_id
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) newest
  left join lateral (
    select version_at, observed_at, fact_key from ticket_type_version v
    where v.event_id = wanted.event_id and v.ticket_type_id = wanted.ticket_type_id
      and v.content <> newest.content
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) otherwise on true
  cross join lateral (
    select min(v.observed_at) as observed_at from ticket_type_version v
    where v.event_id = wanted.event_id and v.ticket_type_id = wanted.ticket_type_id
      and (otherwise.fact_key is null or (v.version_at, v.observed_at, v.fact_key)
        > (otherwise.version_at, otherwise.observed_at, otherwise.fact_key))
  ) since
  cross join lateral jsonb_to_record(newest.content) as content (${ticketTypeColumns(sql)})
  on conflict (event_id, ticket_type_id) do update set
    name                     = excluded.name,
    price_minor              = excluded.price_minor,
    amount                   = excluded.amount,
    active                   = excluded.active,
    category_ref             = excluded.category_ref,
    auto_added               = excluded.auto_added,
    ignore_for_max_amounts   = excluded.ignore_for_max_amounts,
    conditional_availability = excluded.conditional_availability,
    hidden_in_selection_area = excluded.hidden_in_selection_area,
    allocations              = excluded.allocations,
    changed_at               = excluded.changed_at
  where ticket_type is distinct from excluded
`;

export const refreshUnderShops = (sql: Sql, wanted: Wanted) => sql`
  insert into under_shop (
    event_id, under_shop_id, name, active, sell_start, sell_end, inventory_strategy, max_amount,
    customer_tags, changed_at
  )
  select
    wanted.event_id, wanted.under_shop_id, content.name, content.active, content."sellStart",
    content."sellEnd", content."inventoryStrategy", content."maxAmount", content."customerTags",
    since.observed_at
  from ${wanted} as wanted (event_id, under_shop_id)
  cross join lateral (
    select * from under_shop_version v
    where v.event_id = wanted.event_id and v.under_shop_id = wanted.under_shop_id
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) newest
  left join lateral (
    select version_at, observed_at, fact_key from under_shop_version v
    where v.event_id = wanted.event_id and v.under_shop_id = wanted.under_shop_id
      and v.content <> newest.content
    order by version_at desc, observed_at desc, fact_key desc limit 1
  ) otherwise on true
  cross join lateral (
    select min(v.observed_at) as observed_at from under_shop_version v
    where v.event_id = wanted.event_id and v.under_shop_id = wanted.under_shop_id
      and (otherwise.fact_key is null or (v.version_at, v.observed_at, v.fact_key)
        > (otherwise.version_at, otherwise.observed_at, otherwise.fact_key))
  ) since
  cross join lateral jsonb_to_record(newest.content) as content (${underShopColumns(sql)})
  on conflict (event_id, under_shop_id) do update set
    name               = excluded.name,
    active             = excluded.active,
    sell_start         = excluded.sell_start,
    sell_end           = excluded.sell_end,
    inventory_strategy = excluded.inventory_strategy,
    max_amount         = excluded.max_amount,
    customer_tags      = excluded.customer_tags,
    changed_at         = excluded.changed_at
  where under_shop is distinct from excluded
`;
