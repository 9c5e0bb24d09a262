-- Of what is reserved: through which undershops, by id; null for none, and where a count does not tell.
alter table ticket_type_count add column reserved_by_under_shop jsonb;
alter table ticket_type_sales add column reserved_by_under_shop jsonb;
