import type postgres from "postgres";
import { createPathways } from "./pathway-schema.ts";

const SCHEMA_LOCK = 7_311_901;

export interface Tenant {
  id: string;
  name: string;
}

/** Makes what is not there yet; what an earlier run stored stays. */
export async function createSchema(sql: postgres.Sql) {
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${SCHEMA_LOCK})`;
    await tx`set local client_min_messages = warning`;
    await createResources(tx);
    await createEvents(tx);
    await createPathways(tx);
  });
}

const createResources = (sql: postgres.ISql) =>
  sql`
    create schema if not exists datacore;

    create table if not exists datacore.tenant (
      id    uuid primary key default gen_random_uuid(),
      name  text not null unique
    );

    create table if not exists datacore.data_core (
      id                   uuid primary key default gen_random_uuid(),
      tenant_id            uuid not null references datacore.tenant,
      name                 text not null,
      description          text not null,
      access_control       text not null,
      delete_protection    boolean not null,
      is_flowcore_managed  boolean not null,
      unique (tenant_id, name)
    );

    create table if not exists datacore.flow_type (
      id            uuid primary key default gen_random_uuid(),
      data_core_id  uuid not null references datacore.data_core on delete cascade,
      name          text not null,
      description   text not null,
      unique (data_core_id, name)
    );

    create table if not exists datacore.event_type (
      id                      uuid primary key default gen_random_uuid(),
      flow_type_id            uuid not null references datacore.flow_type on delete cascade,
      name                    text not null,
      description             text not null,
      sensitive_data_mask     jsonb,
      sensitive_data_enabled  boolean not null default false,
      created_at              timestamptz not null,
      updated_at              timestamptz,
      unique (flow_type_id, name)
    );
  `.simple();

/** `time_bucket` is the index of buckets: listing them must not read the events. */
const createEvents = (sql: postgres.ISql) =>
  sql`
    create table if not exists datacore.event (
      seq            bigint generated always as identity primary key,
      event_type_id  uuid not null,
      time_bucket    text not null,
      event_ts       bigint not null,
      event_rest     bigint not null,
      event_id       uuid not null,
      valid_time     text not null,
      metadata       json not null,
      payload        json not null,
      visible_at     timestamptz not null default '-infinity'
    );

    create index if not exists event_in_order
      on datacore.event (event_type_id, time_bucket, event_ts, event_rest, seq);

    create table if not exists datacore.time_bucket (
      event_type_id  uuid not null,
      time_bucket    text not null,
      primary key (event_type_id, time_bucket)
    );

    alter table datacore.time_bucket
      add column if not exists first_at timestamptz not null default '-infinity';
  `.simple();

export async function ensureTenant(sql: postgres.Sql, name: string): Promise<Tenant> {
  await sql`insert into datacore.tenant (name) values (${name}) on conflict do nothing`;
  const tenant = await readTenant(sql, { name });
  if (!tenant) throw new Error(`tenant ${name} is gone`);
  return tenant;
}

export async function readTenant(
  sql: postgres.ISql,
  { id, name }: Partial<Tenant>,
): Promise<Tenant | undefined> {
  const [tenant] = await sql<Tenant[]>`
    select id, name from datacore.tenant
    where id = ${id ?? null} or name = ${name ?? null}
  `;
  return tenant;
}
