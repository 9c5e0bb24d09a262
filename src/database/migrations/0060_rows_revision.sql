-- The revision of all rows is the sum of these: each transaction that writes rows adds one, of a random
-- weight, so that what was committed and the sum belong together, whatever ends in whatever order, and
-- a database that was restored never has a sum of before. Nobody waits: a row each, and no shared one.
create table rows_revision (
  weight numeric not null
);

-- For triggers of the rows' tables. A rebuild's rows are nobody's until they are swapped in.
create function note_rows_revision() returns trigger language plpgsql as $$
declare
  mine text := pg_current_xact_id()::text;
begin
  if tg_table_schema <> 'public' or current_setting('rows_revision.noted', true) = mine then
    return null;
  end if;
  perform set_config('rows_revision.noted', mine, true);
  insert into public.rows_revision (weight) values (floor(random() * 9e15));
  -- The sum stays what it is: whoever reads it sees all of these or the one that took their place.
  if (select count(*) from public.rows_revision) > 100
    and current_setting('transaction_isolation') = 'read committed'
  then
    with gone as (
      delete from public.rows_revision
      where ctid = any (array(select ctid from public.rows_revision for update skip locked))
      returning weight
    )
    insert into public.rows_revision (weight) select sum(weight) from gone having count(*) > 0;
  end if;
  return null;
end
$$;
