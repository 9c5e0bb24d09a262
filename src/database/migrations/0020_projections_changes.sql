-- The history of counts and of descriptions keeps a row only where something differs from what the
-- fact before it said, in the facts' own order. So that a fact which comes late finds the rows that
-- were left out, each fact says which things it named.

-- Lists of ids, each kept once; the number is made of the list.
create table named_set (
  set_id  bigint primary key,
  ids     text[] not null
);

create function pg_temp.named(ids text[]) returns bigint language sql immutable as $$
  select ('x' || encode(substr(sha256(convert_to(
    array_to_string(array(select id from unnest(ids) as id order by id collate "C"), chr(10)), 'UTF8'
  )), 1, 8), 'hex'))::bit(64)::bigint
$$;

-- Counts. A whole count names all ticket types of its event, another those that changed.
alter table event_count
  add column whole boolean not null default true,
  add column named_types bigint,
  alter column fact_key type text collate "C";
alter table event_count alter column whole drop default;
-- Without one, what changed says nothing of the ticket types that it does not name.
create index event_count_whole on event_count (event_id, counted_at) where complete and whole;

create temporary table named_by_count on commit drop as
  select event_id, fact_key, array_agg(distinct ticket_type_id) as ids
  from ticket_type_count group by event_id, fact_key;
alter table named_by_count add column set_id bigint;
update named_by_count set set_id = pg_temp.named(ids);
insert into named_set (set_id, ids)
  select distinct on (set_id) set_id, array(select id from unnest(ids) as id order by id collate "C")
  from named_by_count
  on conflict do nothing;
update event_count set named_types = named_by_count.set_id
  from named_by_count
  where event_count.event_id = named_by_count.event_id
    and event_count.fact_key = named_by_count.fact_key;

alter table ticket_type_count
  drop constraint ticket_type_count_pkey,
  alter column fact_key type text collate "C";
drop index ticket_type_count_newest;
delete from ticket_type_count using (
  select event_id, ticket_type_id, fact_key,
    (sold, sold_under_shop, complimentary, replaced, triggered, flex_add_ons, reserved, invalid, blank,
      sold_by_under_shop)
      is not distinct from lag((sold, sold_under_shop, complimentary, replaced, triggered,
        flex_add_ons, reserved, invalid, blank, sold_by_under_shop))
        over (partition by event_id, ticket_type_id order by counted_at, fact_key) as is_same
  from ticket_type_count
) said
where said.is_same and ticket_type_count.event_id = said.event_id
  and ticket_type_count.ticket_type_id = said.ticket_type_id
  and ticket_type_count.fact_key = said.fact_key;
alter table ticket_type_count add primary key (event_id, ticket_type_id, counted_at, fact_key);

alter table ticket_type_sales drop column counted_at;

-- Descriptions. Those facts that name nothing of a kind name the empty list.
alter table event_version
  add column named_types bigint,
  add column named_shops bigint,
  alter column fact_key type text collate "C";

create temporary table named_by_version on commit drop as
  select v.event_id, v.fact_key,
    array(select ticket_type_id from ticket_type_version t
      where t.event_id = v.event_id and t.fact_key = v.fact_key) as types,
    array(select under_shop_id from under_shop_version s
      where s.event_id = v.event_id and s.fact_key = v.fact_key) as shops
  from event_version v;
update event_version set
    named_types = pg_temp.named(named_by_version.types),
    named_shops = pg_temp.named(named_by_version.shops)
  from named_by_version
  where event_version.event_id = named_by_version.event_id
    and event_version.fact_key = named_by_version.fact_key;
insert into named_set (set_id, ids)
  select distinct on (pg_temp.named(ids))
    pg_temp.named(ids), array(select id from unnest(ids) as id order by id collate "C")
  from (select types from named_by_version union all select shops from named_by_version) as each (ids)
  on conflict do nothing;
alter table event_version
  alter column named_types set not null,
  alter column named_shops set not null;

-- What an event's own row was made of: its account belongs to it.
create table event_head_version (
  event_id     text not null,
  version_at   timestamptz not null,
  observed_at  timestamptz not null,
  fact_key     text collate "C" not null,
  content      jsonb not null,
  -- When it was first learned from any fact that says the same from here on.
  since        timestamptz not null,
  primary key (event_id, version_at, observed_at, fact_key)
);
insert into event_head_version (event_id, version_at, observed_at, fact_key, content, since)
  select distinct on (event_id, run)
    event_id, version_at, observed_at, fact_key, content,
    min(observed_at) over (partition by event_id, run)
  from (
    select *, sum(is_new::integer) over (
      partition by event_id order by version_at, observed_at, fact_key
    ) as run
    from (
      select event_id, version_at, observed_at, fact_key, content,
        content is distinct from lag(content) over (
          partition by event_id order by version_at, observed_at, fact_key
        ) as is_new
      from (
        select event_id, version_at, observed_at, fact_key,
          head || jsonb_build_object('account', account) as content
        from event_version
      ) heads
    ) said
  ) runs
  order by event_id, run, version_at, observed_at, fact_key;
alter table event_version drop column head;

alter table ticket_type_version
  drop constraint ticket_type_version_pkey,
  add column since timestamptz,
  alter column fact_key type text collate "C";
drop index ticket_type_version_newest;
create temporary table run_of_type on commit drop as
  select *,
    row_number() over (
      partition by event_id, ticket_type_id, run order by version_at, observed_at, fact_key
    ) = 1 as is_first,
    min(observed_at) over (partition by event_id, ticket_type_id, run) as since
  from (
    select *, sum(is_new::integer) over (
      partition by event_id, ticket_type_id order by version_at, observed_at, fact_key
    ) as run
    from (
      select event_id, ticket_type_id, version_at, observed_at, fact_key,
        content is distinct from lag(content) over (
          partition by event_id, ticket_type_id order by version_at, observed_at, fact_key
        ) as is_new
      from ticket_type_version
    ) said
  ) runs;
delete from ticket_type_version using run_of_type
where not is_first and ticket_type_version.event_id = run_of_type.event_id
  and ticket_type_version.ticket_type_id = run_of_type.ticket_type_id
  and ticket_type_version.fact_key = run_of_type.fact_key;
update ticket_type_version set since = run_of_type.since from run_of_type
where ticket_type_version.event_id = run_of_type.event_id
  and ticket_type_version.ticket_type_id = run_of_type.ticket_type_id
  and ticket_type_version.fact_key = run_of_type.fact_key;
alter table ticket_type_version
  alter column since set not null,
  add primary key (event_id, ticket_type_id, version_at, observed_at, fact_key);

alter table under_shop_version
  drop constraint under_shop_version_pkey,
  add column since timestamptz,
  alter column fact_key type text collate "C";
drop index under_shop_version_newest;
create temporary table run_of_shop on commit drop as
  select *,
    row_number() over (
      partition by event_id, under_shop_id, run order by version_at, observed_at, fact_key
    ) = 1 as is_first,
    min(observed_at) over (partition by event_id, under_shop_id, run) as since
  from (
    select *, sum(is_new::integer) over (
      partition by event_id, under_shop_id order by version_at, observed_at, fact_key
    ) as run
    from (
      select event_id, under_shop_id, version_at, observed_at, fact_key,
        content is distinct from lag(content) over (
          partition by event_id, under_shop_id order by version_at, observed_at, fact_key
        ) as is_new
      from under_shop_version
    ) said
  ) runs;
delete from under_shop_version using run_of_shop
where not is_first and under_shop_version.event_id = run_of_shop.event_id
  and under_shop_version.under_shop_id = run_of_shop.under_shop_id
  and under_shop_version.fact_key = run_of_shop.fact_key;
update under_shop_version set since = run_of_shop.since from run_of_shop
where under_shop_version.event_id = run_of_shop.event_id
  and under_shop_version.under_shop_id = run_of_shop.under_shop_id
  and under_shop_version.fact_key = run_of_shop.fact_key;
alter table under_shop_version
  alter column since set not null,
  add primary key (event_id, under_shop_id, version_at, observed_at, fact_key);

drop function pg_temp.named(text[]);
