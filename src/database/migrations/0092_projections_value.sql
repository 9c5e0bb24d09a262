-- What the tickets were sold for and their list value, by currency; null in counts of before it was counted.
alter table ticket_type_count add column value jsonb;
alter table ticket_type_sales add column value jsonb;

-- Until rows are made anew they say that they do not know.
update event_shown
set document = jsonb_set(document::jsonb, '{row,value}', 'null')::json
where document is not null;
update ticket_type_shown set document = jsonb_set(document::jsonb, '{row,value}', 'null')::json;
