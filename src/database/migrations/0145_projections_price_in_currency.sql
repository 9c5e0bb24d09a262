-- Prices are sorted within their currency.
drop index ticket_type_shown_by_price;
create index ticket_type_shown_by_price
  on ticket_type_shown (currency, price, event_id, ticket_type_id);
