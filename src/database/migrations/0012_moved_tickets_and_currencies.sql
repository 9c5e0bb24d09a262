-- A ticket keeps its id when it moves to another event, so it is looked for under all of them.
create index ticket_state_ticket on ticket_state (ticket_id);

-- The currencies that the tickets of an event name: Vivenu says them nowhere else, and no webhook does.
create table event_currency (
  account     text not null,
  event_id    text not null,
  currencies  text[] not null,
  primary key (account, event_id)
);

insert into event_currency (account, event_id, currencies)
select account, event_id, array_agg(distinct currency order by currency)
from ticket_state
where currency is not null
group by account, event_id;

-- Prices as Vivenu gave them, by ticket type: their minor units depend on a currency that may be
-- learned later. Null until the event is read again.
alter table event_seen add column prices jsonb;
