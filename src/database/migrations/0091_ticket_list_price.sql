-- A ticket's price before any discount, as Vivenu has it: known from the next reading of the ticket on.
alter table ticket_state add column regular_price double precision;
