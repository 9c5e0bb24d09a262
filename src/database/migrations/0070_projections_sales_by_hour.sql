-- The last hours of all ticket types of an event, without a look at the others: for what many events sold
-- lately, and for how fast they sell.
create index sales_hour_of_event_by_hour on sales_hour (event_id, hour)
  include (ticket_type_id, kind, tickets);
