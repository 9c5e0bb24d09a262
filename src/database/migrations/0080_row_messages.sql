-- What became otherwise, told to whoever follows the rows: one message a transaction that wrote them, in
-- the order of their commits. Whoever tells something takes the next position and has it alone until
-- its transaction ends: so positions have no gap, and who sees one sees all before it.
create table row_position (
  is_only   boolean primary key default true check (is_only),
  position  bigint not null
);

create table row_message (
  position   bigint primary key,
  -- Tells a message from another of the same position in a database that was restored meanwhile.
  mark       text not null default substr(md5(random()::text), 1, 8),
  kinds      text[] not null,
  -- Those that were polled: a poll is of no event.
  accounts   text[] not null,
  event_ids  text[] not null,
  -- Which rows of event_change are there that were not: of each what tells it from others, and not
  -- what else it says.
  changes    jsonb
);

insert into row_position (position) values (0);
insert into row_message (position, kinds, accounts, event_ids) values (0, '{}', '{}', '{}');
