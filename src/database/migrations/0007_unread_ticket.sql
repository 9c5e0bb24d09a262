-- Tickets of watched events that Vivenu has, but that can not be read: while an event has one, its
-- counts are not complete.
create table ticket_unread (
  account    text not null,
  event_id   text not null,
  -- Empty where not even that can be read: all of an event's that are so are one row.
  ticket_id  text not null,
  -- The names of fields and what is wrong with them, never what is in them.
  reason     text not null,
  -- Every change up to then was known when it was noted.
  noted_at   timestamptz not null,
  primary key (account, event_id, ticket_id)
);

alter table ticket_reading_page add column malformed jsonb not null default '[]';

-- What the last count that was not complete said, null after a complete one: it is told once, too.
alter table count_seen add column incomplete text;

create index ticket_state_unknown on ticket_state (account, event_id)
  where status not in ('VALID', 'DETAILSREQUIRED', 'RESERVED', 'INVALID', 'BLANK');
