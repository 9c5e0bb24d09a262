-- Since when full counts of the event lack so much of what is sold that nobody believes it, and no ticket can be asked
-- for by itself; null where the last full count was believed.
alter table running_count add column doubted_at timestamptz;
