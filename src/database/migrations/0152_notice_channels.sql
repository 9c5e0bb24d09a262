-- Since when each channel has been named: what was before is told to the others alone. Those that are named when
-- this table comes are as old as the wish to be told.
create table notice_channel (
  channel text primary key,
  since   timestamptz not null
);
