-- A description whose time of change cannot be believed stands where it was observed. An older program
-- kept it where a wrong clock put it, above whatever was said later or below what was said before. Of
-- each event that has one the history is made anew: what every fact said of each thing is taken from the
-- run that the fact stood in, and runs are made of that in the new order.
drop index event_version_misplaced;

create temporary table placed on commit drop as
  select
    v.*, wrong.version_at is not null as is_wrong,
    coalesce(wrong.observed_at, v.version_at) as placed_at
  from event_version v
  left join lateral (
    select v.version_at, v.observed_at
    where v.version_at < '2000-01-01Z' or v.version_at > v.observed_at + interval '10 minutes'
  ) wrong on true
  where v.event_id in (
    select event_id from event_version
    where version_at < '2000-01-01Z' or version_at > observed_at + interval '10 minutes'
  );

create temporary table said on commit drop as
  select
    'event' as kind, p.event_id, '' as item_id, p.placed_at, p.observed_at, p.fact_key,
    case when p.is_wrong then run.content || jsonb_build_object('unreadable', (
      select jsonb_agg(field) from (
        select field from (
          select jsonb_array_elements_text(run.content -> 'unreadable') as field
            where jsonb_typeof(run.content -> 'unreadable') = 'array'
          union select 'updatedAt'
        ) fields
        order by field collate "C" limit 20
      ) named
    )) else run.content end as content
  from placed p
  cross join lateral (
    select content from event_head_version h
    where h.event_id = p.event_id
      and (h.version_at, h.observed_at, h.fact_key) <= (p.version_at, p.observed_at, p.fact_key)
    order by h.version_at desc, h.observed_at desc, h.fact_key desc limit 1
  ) run
  union all
  select 'type', p.event_id, item_id, p.placed_at, p.observed_at, p.fact_key, run.content
  from placed p
  join named_set on named_set.set_id = p.named_types
  cross join unnest(named_set.ids) as item_id
  cross join lateral (
    select content from ticket_type_version t
    where t.event_id = p.event_id and t.ticket_type_id = item_id
      and (t.version_at, t.observed_at, t.fact_key) <= (p.version_at, p.observed_at, p.fact_key)
    order by t.version_at desc, t.observed_at desc, t.fact_key desc limit 1
  ) run
  union all
  select 'shop', p.event_id, item_id, p.placed_at, p.observed_at, p.fact_key, run.content
  from placed p
  join named_set on named_set.set_id = p.named_shops
  cross join unnest(named_set.ids) as item_id
  cross join lateral (
    select content from under_shop_version s
    where s.event_id = p.event_id and s.under_shop_id = item_id
      and (s.version_at, s.observed_at, s.fact_key) <= (p.version_at, p.observed_at, p.fact_key)
    order by s.version_at desc, s.observed_at desc, s.fact_key desc limit 1
  ) run;

create temporary table run on commit drop as
  select distinct on (kind, event_id, item_id, number)
    kind, event_id, item_id, placed_at as version_at, observed_at, fact_key, content,
    min(observed_at) over (partition by kind, event_id, item_id, number) as since
  from (
    select *, sum(is_new::integer) over (
      partition by kind, event_id, item_id order by placed_at, observed_at, fact_key
    ) as number
    from (
      select *, content is distinct from lag(content) over (
        partition by kind, event_id, item_id order by placed_at, observed_at, fact_key
      ) as is_new
      from said
    ) compared
  ) numbered
  order by kind, event_id, item_id, number, placed_at, observed_at, fact_key;

update event_version set version_at = observed_at, updated_at = null
where version_at < '2000-01-01Z' or version_at > observed_at + interval '10 minutes';

delete from event_head_version where event_id in (select event_id from placed);
insert into event_head_version (event_id, version_at, observed_at, fact_key, content, since)
  select event_id, version_at, observed_at, fact_key, content, since from run where kind = 'event';
delete from ticket_type_version where event_id in (select event_id from placed);
insert into ticket_type_version
    (event_id, ticket_type_id, version_at, observed_at, fact_key, content, since)
  select event_id, item_id, version_at, observed_at, fact_key, content, since from run
  where kind = 'type';
delete from under_shop_version where event_id in (select event_id from placed);
insert into under_shop_version
    (event_id, under_shop_id, version_at, observed_at, fact_key, content, since)
  select event_id, item_id, version_at, observed_at, fact_key, content, since from run
  where kind = 'shop';

-- The current rows follow.
create temporary table newest on commit drop as
  select distinct on (kind, event_id, item_id) * from run
  order by kind, event_id, item_id, version_at desc, observed_at desc, fact_key desc;

update event set
  account = said.account, name = said.name, event_type = said."eventType",
  location_name = said."locationName", location_city = said."locationCity",
  location_country = said."locationCountry", timezone = said.timezone,
  created_at = said."createdAt", start_at = said.start, end_at = said."end",
  sell_start = said."sellStart", sell_end = said."sellEnd", visible_after = said."visibleAfter",
  hide_in_listing = said."hideInListing", unreadable = said.unreadable,
  max_amount = said."maxAmount", currency = said.currency, categories = said.categories,
  ticket_type_ids = said."ticketTypeIds", under_shop_ids = said."underShopIds",
  child_event_ids = said."childEventIds",
  updated_at = latest.updated_at, deleted_at = gone.observed_at,
  changed_at = greatest(newest.since, gone.observed_at, back.observed_at)
from newest
cross join lateral jsonb_to_record(newest.content) as said (
  account text, name text, "eventType" text, "locationName" text, "locationCity" text,
  "locationCountry" text, timezone text, "createdAt" timestamptz, start timestamptz,
  "end" timestamptz, "sellStart" timestamptz, "sellEnd" timestamptz, "visibleAfter" timestamptz,
  "hideInListing" boolean, unreadable text[], "maxAmount" integer, currency text, categories jsonb,
  "ticketTypeIds" text[], "underShopIds" text[], "childEventIds" text[]
)
cross join lateral (
  select account, updated_at from event_version v where v.event_id = newest.event_id
  order by version_at desc, observed_at desc, fact_key desc limit 1
) latest
left join lateral (
  select min(d.observed_at) as observed_at from event_deletion d
  where d.event_id = newest.event_id and d.account = latest.account
    and not exists (
      select from event_version v
      where v.event_id = d.event_id and v.account = d.account
        and v.source <> 'webhook' and v.observed_at > d.observed_at
    )
) gone on true
left join lateral (
  select min(v.observed_at) as observed_at
  from (
    select max(d.observed_at) as observed_at from event_deletion d
    where d.event_id = newest.event_id and d.account = latest.account
  ) last
  join event_version v on v.event_id = newest.event_id and v.account = latest.account
    and v.source <> 'webhook' and v.observed_at > last.observed_at
) back on true
where newest.kind = 'event' and event.event_id = newest.event_id;

update ticket_type set
  name = said.name, price_minor = said."priceMinor", amount = said.amount, active = said.active,
  category_ref = said."categoryRef", auto_added = said."autoAdded",
  ignore_for_max_amounts = said."ignoreForMaxAmounts",
  conditional_availability = said."conditionalAvailability",
  hidden_in_selection_area = said."hiddenInSelectionArea", allocations = said.allocations,
  changed_at = newest.since
from newest
cross join lateral jsonb_to_record(newest.content) as said (
  name text, "priceMinor" bigint, amount integer, active boolean, "categoryRef" text,
  "autoAdded" boolean, "ignoreForMaxAmounts" boolean, "conditionalAvailability" boolean,
  "hiddenInSelectionArea" boolean, allocations jsonb
)
where newest.kind = 'type' and ticket_type.event_id = newest.event_id
  and ticket_type.ticket_type_id = newest.item_id;

update under_shop set
  name = said.name, active = said.active, sell_start = said."sellStart", sell_end = said."sellEnd",
  inventory_strategy = said."inventoryStrategy", max_amount = said."maxAmount",
  customer_tags = said."customerTags", changed_at = newest.since
from newest
cross join lateral jsonb_to_record(newest.content) as said (
  name text, active boolean, "sellStart" timestamptz, "sellEnd" timestamptz,
  "inventoryStrategy" text, "maxAmount" integer, "customerTags" jsonb
)
where newest.kind = 'shop' and under_shop.event_id = newest.event_id
  and under_shop.under_shop_id = newest.item_id;
