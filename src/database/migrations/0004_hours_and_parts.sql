-- A count names the hours whose number changed, of new sales and of replacements apart: each number
-- has a newest count of its own.
alter table sales_hour rename column new_sales to tickets;
alter table sales_hour add column kind text not null default 'new_sale';
alter table sales_hour drop constraint sales_hour_pkey;

insert into sales_hour
  (event_id, ticket_type_id, hour, kind, tickets, replacements, counted_at, fact_key)
select event_id, ticket_type_id, hour, 'replacement', replacements, 0, counted_at, fact_key
from sales_hour where replacements > 0;

alter table sales_hour drop column replacements;
alter table sales_hour alter column kind drop default;
alter table sales_hour add primary key (event_id, ticket_type_id, hour, kind);
alter table sales_hour add check (kind in ('new_sale', 'replacement'));

-- A count in parts is one only when all of them are there.
alter table event_count add column part_number integer not null default 1;
alter table event_count add column part_of integer not null default 1;
