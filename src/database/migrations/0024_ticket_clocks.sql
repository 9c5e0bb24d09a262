-- Tickets that say a time of change which cannot be believed, so that each is told of once.
create table ticket_clock (
  account    text not null,
  event_id   text not null,
  ticket_id  text not null,
  primary key (account, event_id, ticket_id)
);
