-- What an undershop may sell of the event's categories, by their references; null for no limit.
alter table under_shop add column category_amounts jsonb;
