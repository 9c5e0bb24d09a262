import type { ISql } from "postgres";

/** Indexes come apart: made after the season is in, they cost a tenth. */
export async function createTables(sql: ISql) {
  await sql`create schema vivenu`;
  await sql`
    create table vivenu.season (
      kind    text        not null,
      seed    integer     not null,
      made_at timestamptz not null
    )
  `;
  await sql`
    create table vivenu.account (
      region   text primary key,
      api_key  text not null unique,
      hmac_key text not null
    )
  `;
  await sql`
    create table vivenu.event (
      id         text        primary key,
      region     text        not null references vivenu.account,
      currency   text        not null,
      updated_at timestamptz not null,
      deleted_at timestamptz,
      partners   jsonb       not null,
      document   jsonb       not null
    )
  `;
  await createTicketTable(sql);
  await createListenerTables(sql);
}

async function createTicketTable(sql: ISql) {
  await sql`
    create table vivenu.ticket (
      id               text             not null,
      region           text             not null,
      event_id         text             not null,
      ticket_type_id   text             not null,
      ticket_name      text             not null,
      status           text             not null,
      created_at       timestamptz      not null,
      updated_at       timestamptz      not null,
      origin           text,
      under_shop_id    text,
      origin_ticket_id text,
      triggered_by     text,
      transaction_id   text,
      regular_price    double precision not null,
      real_price       double precision not null,
      flex             boolean          not null,
      holder           integer,
      batch            text,
      batch_counter    integer
    )
  `;
}

export async function createTicketIndexes(sql: ISql) {
  await sql`alter table vivenu.ticket add primary key (id)`;
  await sql`create index on vivenu.ticket (region, event_id, created_at, id) include (status)`;
  await sql`create index on vivenu.ticket (region, created_at, id)`;
  await sql`create index on vivenu.ticket (region, updated_at)`;
  await sql`create index on vivenu.ticket (transaction_id) where transaction_id is not null`;
  await sql`create index on vivenu.ticket (triggered_by) where triggered_by is not null`;
  // Without it an event's tickets are guessed to be spread over all accounts.
  await sql`
    create statistics vivenu.ticket_of_event (dependencies, mcv) on region, event_id from vivenu.ticket
  `;
}

async function createListenerTables(sql: ISql) {
  await sql`
    create table vivenu.listener (
      id         text        primary key,
      region     text        not null references vivenu.account,
      name       text        not null,
      url        text        not null,
      enabled    boolean     not null,
      events     jsonb       not null,
      hmac_key   text,
      created_at timestamptz not null
    )
  `;
  await sql`
    create table vivenu.delivery (
      id          uuid        primary key,
      listener_id text        not null references vivenu.listener on delete cascade,
      type        text        not null,
      body        text        not null,
      attempts    integer     not null default 0,
      due_at      timestamptz,
      answer      text,
      queued_at   timestamptz not null
    )
  `;
  await sql`create index on vivenu.delivery (due_at) where due_at is not null`;
}
