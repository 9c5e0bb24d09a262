-- Everything here is made from the datacore and can be rebuilt from it, so there are no foreign keys:
-- facts arrive in no promised order.

create table reader_position (
  flow_type    text primary key,
  -- Everything stored before this moment was read.
  checkpoint   timestamptz not null,
  -- When the newest fact read so far was stored.
  newest_seen  timestamptz not null,
  -- When a pass over everything since the checkpoint last ended.
  read_at      timestamptz not null
);

create table applied_fact (
  fact_id      uuid primary key,
  flow_type    text not null,
  stored_at    timestamptz not null
);

create index applied_fact_stored on applied_fact (flow_type, stored_at);

-- Facts that could not be applied. Their payloads stay in the log: what broke its contract may hold
-- anything.
create table set_aside (
  fact_id       uuid primary key,
  flow_type     text not null,
  event_type    text not null,
  time_bucket   text not null,
  reason        text not null,
  set_aside_at  timestamptz not null
);

-- Versions are ordered by (version_at, observed_at, fact_key) everywhere: Vivenu's own time of the
-- change, or ours where it sent none; then when we learned it; then the fact's key.
create table event_version (
  event_id     text not null,
  fact_key     text not null,
  version_at   timestamptz not null,
  observed_at  timestamptz not null,
  account      text not null,
  source       text not null,
  updated_at   timestamptz,
  head         jsonb not null,
  primary key (event_id, fact_key)
);

create index event_version_newest
  on event_version (event_id, version_at desc, observed_at desc, fact_key desc);

create table event_deletion (
  event_id     text not null,
  fact_key     text not null,
  account      text not null,
  observed_at  timestamptz not null,
  primary key (event_id, fact_key)
);

create table ticket_type_version (
  event_id        text not null,
  ticket_type_id  text not null,
  fact_key        text not null,
  version_at      timestamptz not null,
  observed_at     timestamptz not null,
  content         jsonb not null,
  primary key (event_id, ticket_type_id, fact_key)
);

create index ticket_type_version_newest
  on ticket_type_version (event_id, ticket_type_id, version_at desc, observed_at desc, fact_key desc);

create table under_shop_version (
  event_id       text not null,
  under_shop_id  text not null,
  fact_key       text not null,
  version_at     timestamptz not null,
  observed_at    timestamptz not null,
  content        jsonb not null,
  primary key (event_id, under_shop_id, fact_key)
);

create index under_shop_version_newest
  on under_shop_version (event_id, under_shop_id, version_at desc, observed_at desc, fact_key desc);

-- The newest version of each event, ticket type and undershop.
create table event (
  event_id          text primary key,
  account           text not null,
  name              text not null,
  event_type        text not null,
  location_name     text,
  location_city     text,
  location_country  text,
  timezone          text,
  created_at        timestamptz,
  updated_at        timestamptz,
  start_at          timestamptz not null,
  end_at            timestamptz not null,
  sell_start        timestamptz,
  sell_end          timestamptz,
  visible_after     timestamptz,
  hide_in_listing   boolean not null,
  max_amount        integer,
  currency          text,
  categories        jsonb not null,
  ticket_type_ids   text[] not null,
  under_shop_ids    text[] not null,
  -- Null while the event is in its account.
  deleted_at        timestamptz,
  -- Since when the event has been as this row says.
  changed_at        timestamptz not null
);

create index event_start on event (start_at, event_id);

create table ticket_type (
  event_id                 text not null,
  ticket_type_id           text not null,
  name                     text not null,
  price_minor              bigint,
  amount                   integer not null,
  active                   boolean not null,
  category_ref             text,
  auto_added               boolean not null,
  ignore_for_max_amounts   boolean not null,
  conditional_availability boolean not null,
  hidden_in_selection_area boolean not null,
  allocations              jsonb not null,
  changed_at               timestamptz not null,
  primary key (event_id, ticket_type_id)
);

create table under_shop (
  event_id            text not null,
  under_shop_id       text not null,
  name                text not null,
  active              boolean not null,
  sell_start          timestamptz,
  sell_end            timestamptz,
  inventory_strategy  text not null,
  max_amount          integer,
  customer_tags       jsonb not null,
  changed_at          timestamptz not null,
  primary key (event_id, under_shop_id)
);

-- Counts are ordered by (counted_at, fact_key).
create table event_count (
  event_id        text not null,
  fact_key        text not null,
  counted_at      timestamptz not null,
  complete        boolean not null,
  tickets_read    integer not null,
  expected_total  integer not null,
  currencies      jsonb not null,
  -- A count in parts is one only when all of them are there.
  part_number     integer not null,
  part_of         integer not null,
  primary key (event_id, fact_key)
);

create index event_count_newest on event_count (event_id, counted_at desc, fact_key desc);

create table ticket_type_count (
  event_id         text not null,
  ticket_type_id   text not null,
  fact_key         text not null,
  counted_at       timestamptz not null,
  sold             integer not null,
  sold_under_shop  integer not null,
  complimentary    integer not null,
  replaced         integer not null,
  triggered        integer not null,
  flex_add_ons     integer not null,
  reserved         integer not null,
  invalid          integer not null,
  blank            integer not null,
  primary key (event_id, ticket_type_id, fact_key)
);

create index ticket_type_count_newest
  on ticket_type_count (event_id, ticket_type_id, counted_at desc, fact_key desc);

-- The newest complete count of each ticket type.
create table ticket_type_sales (
  event_id         text not null,
  ticket_type_id   text not null,
  counted_at       timestamptz not null,
  sold             integer not null,
  sold_under_shop  integer not null,
  complimentary    integer not null,
  replaced         integer not null,
  triggered        integer not null,
  flex_add_ons     integer not null,
  reserved         integer not null,
  invalid          integer not null,
  blank            integer not null,
  -- Since when the counts have been as this row says.
  changed_at       timestamptz not null,
  primary key (event_id, ticket_type_id)
);

-- A count names the hours whose number changed, of new sales and of replacements apart: each number
-- has a newest count of its own.
create table sales_hour (
  event_id        text not null,
  ticket_type_id  text not null,
  hour            timestamptz not null,
  kind            text not null check (kind in ('new_sale', 'replacement')),
  tickets         integer not null,
  counted_at      timestamptz not null,
  fact_key        text not null,
  primary key (event_id, ticket_type_id, hour, kind)
);

create table poll (
  account         text not null,
  fact_key        text not null,
  started_at      timestamptz not null,
  finished_at     timestamptz not null,
  complete        boolean not null,
  events_read     integer not null,
  events_counted  integer not null,
  tickets_read    integer not null,
  requests        integer not null,
  failures        jsonb not null,
  primary key (account, fact_key)
);

create index poll_newest on poll (account, finished_at desc, fact_key desc);
