-- How far a start has read that was ended before its end: everything stored in [start_from, start_reached), as was
-- noted at start_noted_at. Null where the last start came to its end.
alter table reader_position
  add column start_from     timestamptz,
  add column start_reached  timestamptz,
  add column start_noted_at timestamptz;
