-- In which transaction each row that people read came to say what it says, or went: whoever asks what
-- changed since is told of these. A transaction's number and not its time, for what began earlier may
-- be committed later. None is deleted: of a row that is gone nothing else tells.
create table event_revision (
  event_id          text collate "C" primary key,
  -- Digests of the row and of how its status turns; null where there is no row to show.
  says              text,
  turns             text,
  changed_in        xid8 not null,
  changed_at        timestamptz not null,
  -- Of `turns` alone, which its ticket types depend on as well.
  turns_changed_in  xid8 not null,
  turns_changed_at  timestamptz not null
);
create index event_revision_changed on event_revision (changed_in);

create table ticket_type_revision (
  event_id        text collate "C" not null,
  ticket_type_id  text collate "C" not null,
  says            text,
  changed_in      xid8 not null,
  changed_at      timestamptz not null,
  primary key (event_id, ticket_type_id)
);
create index ticket_type_revision_changed on ticket_type_revision (changed_in);
create index ticket_type_revision_changed_at on ticket_type_revision (changed_at);
