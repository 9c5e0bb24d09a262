-- What people are to be told, a row for each channel that tells it. Nothing here is made of the log: a
-- replay tells nobody anything.
create table notice (
  notice_id  bigint generated always as identity primary key,
  -- By which a receiver knows what it has had already.
  message_id uuid not null default gen_random_uuid() unique,
  channel    text not null,
  -- Of one of these, one channel is told in the order of the ids: an event, an account, the digest.
  told_of    text not null,
  content    jsonb not null,
  made_at    timestamptz not null,
  -- When it was first to be told, after quiet hours; a day later it is given up.
  wanted_at  timestamptz not null,
  due_at     timestamptz not null,
  attempts   integer not null default 0,
  reason     text,
  sent_at    timestamptz,
  -- Nobody tries any more: a dead letter.
  refused_at timestamptz
);
create index notice_waiting on notice (channel, told_of, notice_id)
  where sent_at is null and refused_at is null;
create index notice_refused on notice (refused_at) where refused_at is not null;

-- What each channel was told of: a change, a launch, a refused key. Nothing is told twice.
create table notice_source (
  channel   text not null,
  source_id text not null,
  told_at   timestamptz not null,
  primary key (channel, source_id)
);

-- How far the rows' messages were read for changes to tell of, and since when anybody wants to be told.
create table notice_place (
  is_only   boolean primary key default true check (is_only),
  position  bigint not null,
  mark      text not null,
  since     timestamptz not null,
  looked_at timestamptz not null
);

-- The day on which each event was last told to sell out, and when that was last worked out.
create table notice_forecast (
  event_id  text primary key,
  day       date,
  looked_at timestamptz not null
);

-- What is wrong with an account, since when, and when it was last seen to be so: who restarts is not told anew.
create table notice_trouble (
  kind    text not null,
  region  text not null,
  since   timestamptz not null,
  seen_at timestamptz not null,
  primary key (kind, region)
);
