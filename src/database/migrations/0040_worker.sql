-- What each process that runs the loops last said of itself, for whichever process is asked. A row that
-- is not renewed for a while is of one that was killed: it says nothing of what fails now.
create table worker (
  worker_id   uuid primary key,
  version     text not null,
  started_at  timestamptz not null,
  -- By the clock of PostgreSQL, which is one for all.
  seen_at     timestamptz not null default now(),
  -- Its failing loops: [{"loop", "message"}].
  failing     jsonb not null,
  -- How its mirror fares; null where it has none.
  mirror      jsonb
);
