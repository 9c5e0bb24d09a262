/**
 * The named baseline of `npm run bench -- replay --emmett`: the rows that whole counts and descriptions
 * become, rebuilt by `@event-driven-io/emmett-postgresql` as its users write it: a raw SQL projection,
 * message by message, with its own consumer, batches and checkpoints. It runs in a folder of its own.
 * Nothing of this project is in it. Prints what it measured as its last line.
 */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { dumbo, SQL } from "@event-driven-io/dumbo";
import {
  getPostgreSQLEventStore,
  postgreSQLRawSQLProjection,
  rebuildPostgreSQLProjections,
} from "@event-driven-io/emmett-postgresql";

const [connectionString, factsFile] = process.argv.slice(2);
const TYPES = ["event.updated.0", "sales.counted.0", "sales.changed.0"];

const tables = [
  SQL`create table count_fact (
    event_id text, fact_key text, counted_at timestamptz, primary key (event_id, fact_key))`,
  SQL`create table type_count (
    event_id text, ticket_type_id text, counted_at timestamptz, fact_key text, numbers jsonb,
    primary key (event_id, ticket_type_id, counted_at, fact_key))`,
  SQL`create table type_sales (
    event_id text, ticket_type_id text, counted_at timestamptz, numbers jsonb,
    primary key (event_id, ticket_type_id))`,
  SQL`create table sales_hour (
    event_id text, ticket_type_id text, hour text, tickets integer, counted_at timestamptz,
    primary key (event_id, ticket_type_id, hour))`,
  SQL`create table event_row (event_id text primary key, updated_at timestamptz, content jsonb)`,
  SQL`create table type_version (
    event_id text, ticket_type_id text, updated_at timestamptz, fact_key text, content jsonb,
    primary key (event_id, ticket_type_id, updated_at, fact_key))`,
  SQL`create table ticket_type (
    event_id text, ticket_type_id text, updated_at timestamptz, content jsonb,
    primary key (event_id, ticket_type_id))`,
];

const projection = postgreSQLRawSQLProjection({
  name: "rows",
  canHandle: TYPES,
  evolve: ({ type, data }) => (type === "event.updated.0" ? described(data) : counted(data)),
});

function counted({ eventId, idempotencyKey: key, countedAt, ticketTypes }) {
  const types = JSON.stringify(
    ticketTypes.map(({ ticketTypeId, newSales, replacements: _, ...numbers }) => ({
      id: ticketTypeId,
      numbers,
      hours: newSales,
    })),
  );
  return [
    SQL`insert into count_fact values (${eventId}, ${key}, ${countedAt}) on conflict do nothing`,
    SQL`insert into type_count
      select ${eventId}, said.id, ${countedAt}, ${key}, said.numbers
      from jsonb_to_recordset(${types}::jsonb) as said (id text, numbers jsonb)
      left join type_sales now on now.event_id = ${eventId} and now.ticket_type_id = said.id
      where now.numbers is distinct from said.numbers
      on conflict do nothing`,
    SQL`insert into type_sales
      select ${eventId}, said.id, ${countedAt}, said.numbers
      from jsonb_to_recordset(${types}::jsonb) as said (id text, numbers jsonb)
      on conflict (event_id, ticket_type_id) do update set
        counted_at = excluded.counted_at, numbers = excluded.numbers
      where type_sales.numbers is distinct from excluded.numbers`,
    SQL`insert into sales_hour
      select ${eventId}, said.id, hour.key, hour.value::integer, ${countedAt}
      from jsonb_to_recordset(${types}::jsonb) as said (id text, hours jsonb)
      cross join lateral jsonb_each_text(said.hours) as hour
      on conflict (event_id, ticket_type_id, hour) do update set
        tickets = excluded.tickets, counted_at = excluded.counted_at`,
  ];
}

function described({ eventId, idempotencyKey: key, updatedAt, ticketTypes, ...head }) {
  const types = JSON.stringify(
    ticketTypes.map((content) => ({ id: content.ticketTypeId, content })),
  );
  return [
    SQL`insert into event_row values (${eventId}, ${updatedAt}, ${JSON.stringify(head)}::jsonb)
      on conflict (event_id) do update set
        updated_at = excluded.updated_at, content = excluded.content`,
    SQL`insert into type_version
      select ${eventId}, said.id, ${updatedAt}, ${key}, said.content
      from jsonb_to_recordset(${types}::jsonb) as said (id text, content jsonb)
      left join ticket_type now on now.event_id = ${eventId} and now.ticket_type_id = said.id
      where now.content is distinct from said.content
      on conflict do nothing`,
    SQL`insert into ticket_type
      select ${eventId}, said.id, ${updatedAt}, said.content
      from jsonb_to_recordset(${types}::jsonb) as said (id text, content jsonb)
      on conflict (event_id, ticket_type_id) do update set
        updated_at = excluded.updated_at, content = excluded.content
      where ticket_type.content is distinct from excluded.content`,
  ];
}

/** The same facts into the library's own log: a stream an event. */
async function seed(store) {
  let facts = 0;
  let batch = new Map();
  const send = async () => {
    for (const [stream, events] of batch) await store.appendToStream(stream, events);
    batch = new Map();
  };
  for await (const line of createInterface({ input: createReadStream(factsFile) })) {
    const { eventType: type, payload: data } = JSON.parse(line);
    const stream = `event-${data.eventId}`;
    const events = batch.get(stream) ?? [];
    events.push({ type, data });
    batch.set(stream, events);
    facts += 1;
    if (facts % 200 === 0) await send();
  }
  await send();
  return facts;
}

const pool = dumbo({ connectionString });
await pool.execute.batchCommand(tables);
const store = getPostgreSQLEventStore(connectionString);
const facts = await seed(store);
await store.close();

let peak = 0;
const sampling = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 50);
const cpuAtStart = process.cpuUsage();
const startedAt = performance.now();
const rebuild = rebuildPostgreSQLProjections({ connectionString, projections: [projection] });
await rebuild.start();
const seconds = (performance.now() - startedAt) / 1_000;
const { user, system } = process.cpuUsage(cpuAtStart);
clearInterval(sampling);
await rebuild.close();
const { rows: sizes } = await pool.execute.query(SQL`
  select (select count(*) from type_count) + (select count(*) from count_fact)
    + (select count(*) from type_sales) + (select count(*) from sales_hour)
    + (select count(*) from type_version) + (select count(*) from ticket_type)
    + (select count(*) from event_row) as rows`);
const measured = {
  ...{ facts, seconds, rows: Number(sizes[0].rows), peakMb: peak / 1_000_000 },
  cpuSeconds: (user + system) / 1_000_000,
};
process.stdout.write(`${JSON.stringify(measured)}\n`);
await pool.close();
process.exit();
