-- Webhook deliveries as they came in.
create table inbox (
  delivery_id    bigint generated always as identity primary key,
  -- SHA-256 of the raw bytes: the same bytes are the same delivery, whatever they call themselves.
  digest         bytea not null unique,
  -- Null where neither key nor seller tell which account it is from.
  account        text,
  type           text not null,
  received_at    timestamptz not null,
  -- The raw bytes, compressed; null for types that are only noted, and after the body was deleted.
  body           bytea,
  translated_at  timestamptz,
  -- Why it could not be translated; a person has to look.
  refused_at     timestamptz,
  reason         text
);

create index inbox_waiting on inbox (delivery_id)
  where translated_at is null and refused_at is null;
create index inbox_translated on inbox (translated_at) where body is not null;
create index inbox_refused on inbox (refused_at) where refused_at is not null;

create table webhook_seen (
  account      text not null,
  type         text not null,
  received_at  timestamptz not null,
  deliveries   bigint not null,
  primary key (account, type)
);

-- Learned from Vivenu: whose account it is and in what currency it sells.
create table seller (
  account     text primary key,
  seller_id   text not null,
  currency    text,
  learned_at  timestamptz not null
);

-- The newest description seen of each event, to record on change only.
create table event_seen (
  account        text not null,
  event_id       text not null,
  version_at     timestamptz not null,
  observed_at    timestamptz not null,
  digest         text not null,
  -- Whether the log holds this very version.
  recorded       boolean not null,
  description    jsonb not null,
  deleted_at     timestamptz,
  primary key (account, event_id)
);

-- What the last complete count of each event said, to record on change only.
create table count_seen (
  account     text not null,
  event_id    text not null,
  counted_at  timestamptz not null,
  ticket_types jsonb not null,
  primary key (account, event_id)
);

-- Events to be read and counted again before the next daily poll.
create table count_hint (
  account     text not null,
  event_id    text not null,
  hinted_at   timestamptz not null,
  not_before  timestamptz not null,
  -- Null until the first early count; paces the next.
  counted_at  timestamptz,
  done        boolean not null default false,
  primary key (account, event_id)
);

create index count_hint_due on count_hint (not_before) where not done;

-- Requests made to Vivenu by minute: every process of ours draws on one budget per account.
create table request_budget (
  account   text not null,
  minute    timestamptz not null,
  requests  integer not null,
  primary key (account, minute)
);

create table poll_state (
  account       text primary key,
  started_at    timestamptz not null,
  finished_at   timestamptz,
  complete      boolean
);
