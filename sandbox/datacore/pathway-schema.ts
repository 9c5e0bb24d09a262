import type postgres from "postgres";

/** What the control plane knows of each Data Pathway: its registration, newest pulses and commands. */
export const createPathways = (sql: postgres.ISql) =>
  sql`
    create table if not exists datacore.pathway (
      id              uuid primary key default gen_random_uuid(),
      tenant_id       uuid not null references datacore.tenant,
      name            text not null,
      data_core       text not null,
      flow_types      text[] not null,
      labels          jsonb not null,
      registrations   integer not null default 1,
      paused          text[] not null default '{}',
      unique (tenant_id, name)
    );

    create table if not exists datacore.pathway_pulse (
      pathway_id   uuid not null references datacore.pathway on delete cascade,
      flow_type    text not null,
      pulse        jsonb not null,
      received_at  timestamptz not null,
      primary key (pathway_id, flow_type)
    );

    create table if not exists datacore.pathway_command (
      id                 uuid primary key default gen_random_uuid(),
      seq                bigint generated always as identity,
      pathway_id         uuid not null references datacore.pathway on delete cascade,
      type               text not null,
      position           jsonb,
      source_flow_types  text[],
      reason             text,
      stop_at            text,
      -- Every phase that was reported, in their order.
      phases             text[] not null default '{}',
      details            text
    );
  `.simple();
