-- Whoever writes what answers are made of says so, an older program and a person at psql included. The
-- shown rows are written anew with what they said before, which is no news: of them each row tells.
do $$
declare
  history text;
  shown text;
begin
  foreach history in array array[
    'event', 'ticket_type', 'under_shop', 'event_version', 'event_head_version',
    'ticket_type_version', 'under_shop_version', 'event_deletion', 'event_count',
    'ticket_type_count', 'ticket_type_sales', 'sales_hour', 'event_change'
  ] loop
    execute format(
      'create trigger rows_revision after insert or update or delete or truncate on %I
        for each statement execute function public.note_rows_revision()',
      history
    );
  end loop;
  foreach shown in array array['event_shown', 'ticket_type_shown'] loop
    execute format(
      'create trigger rows_revision after insert or update or delete on %I
        for each row execute function public.note_rows_revision()',
      shown
    );
    execute format(
      'create trigger rows_revision_emptied after truncate on %I
        for each statement execute function public.note_rows_revision()',
      shown
    );
  end loop;
end
$$;
