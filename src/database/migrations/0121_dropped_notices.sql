-- A message that was given up and that nobody wants any more: nothing speaks of it.
alter table notice add column dropped_at timestamptz;
