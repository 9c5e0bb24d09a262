-- What operators had the service do, by the API: asked for, taken by a process that runs the loops, and what
-- came of it. Nothing is deleted: it says who did what.
create table admin_action (
  action_id        bigint generated always as identity primary key,
  act              text not null,
  -- What it is on: an account, ids.
  subject          jsonb not null,
  -- The key's name.
  by_whom          text not null,
  asked_at         timestamptz not null,
  -- The caller's: the same again is the same act.
  idempotency_key  text,
  -- Null while it waits.
  started_at       timestamptz,
  worker_id        uuid,
  ended_at         timestamptz,
  -- done, failed
  outcome          text,
  result           jsonb,
  unique (by_whom, idempotency_key)
);

create index admin_action_open on admin_action (action_id) where ended_at is null;
