-- Facts on their way to the datacore. A row stays after it was confirmed, for its key: the same fact
-- is not sent twice.
create table outbox (
  outbox_id        bigint generated always as identity primary key,
  idempotency_key  text not null unique,
  flow_type        text not null,
  event_type       text not null,
  payload          jsonb not null,
  recorded_at      timestamptz not null,
  next_attempt_at  timestamptz not null,
  attempts         integer not null default 0,
  -- Flowcore answered that it took the fact; it may still lose it.
  sent_at          timestamptz,
  -- The consumer read the fact back.
  confirmed_at     timestamptz,
  -- Flowcore will not take it; a person has to look.
  refused_at       timestamptz,
  reason           text
);

create index outbox_due on outbox (next_attempt_at, outbox_id)
  where confirmed_at is null and refused_at is null;
create index outbox_confirmed on outbox (confirmed_at) where confirmed_at is not null;
create index outbox_refused on outbox (refused_at) where refused_at is not null;

-- Who runs a loop that only one process may run. The token grows with every new holder; a writing
-- transaction checks it, so that a holder that lost its lock can not write any more.
create table lease (
  name   text primary key,
  token  bigint not null
);
