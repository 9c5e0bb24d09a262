-- Of what undershops sold: which of them, by id; null where a count does not tell.
alter table ticket_type_count add column sold_by_under_shop jsonb;
alter table ticket_type_sales add column sold_by_under_shop jsonb;
