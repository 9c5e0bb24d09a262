-- Flow types whose reading is held on purpose, by who steers the Data Pathway. Facts are still appended.
create table held_flow_type (
  flow_type  text primary key,
  since      timestamptz not null
);

-- What Flowcore's control plane asked for, and what came of it: each is obeyed once, whoever does it.
create table steering_command (
  command_id       text primary key,
  type             text not null,
  received_at      timestamptz not null,
  -- Of a restart: the hour from which the rows are rebuilt.
  restart_from     text,
  acknowledged_at  timestamptz,
  outcome          text check (outcome in ('done', 'failed')),
  details          text,
  ended_at         timestamptz,
  reported_at      timestamptz
);
