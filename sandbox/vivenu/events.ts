import type { ISql, JSONValue, PendingQuery, Row } from "postgres";
import { compares } from "./compare.ts";
import type { EventDocument, StoredEvent } from "./documents.ts";
import { HttpError } from "./http-error.ts";
import { type ParsedQuery, parseQuery } from "./query.ts";

const PARAMETERS = {
  name: "text",
  start: "compareDateTime",
  end: "compareDateTime",
  sortDir: "text",
  rootId: "text",
  type: "list",
  sellerId: "text",
  groupEventId: "text",
  salesChannelId: "text",
  childEvents: "list",
  subscriptionPlanId: "text",
  updatedAt: "compareDateTime",
  createdAt: "compareDateTime",
  top: "integer",
  skip: "integer",
} as const;

type Fragment = PendingQuery<Row[]>;

const eventColumns = (sql: ISql) => sql`id, region, currency, partners, document`;

/**
 * `GET /api/events`: by start unless it is shuffled; drafts and hidden events too, deleted ones not.
 * Probes: vivenu/events, vivenu/events-skip, vivenu/events-need-top, vivenu/event-in-list.
 */
export async function listEvents(
  sql: ISql,
  region: string,
  search: URLSearchParams,
  shuffle?: string,
) {
  const query = parseQuery(search, PARAMETERS);
  const top = query.integer("top", { low: 1, high: 1000 });
  const skip = query.integer("skip", { low: 0, high: Number.MAX_SAFE_INTEGER });
  const direction = sortDirection(sql, query.text("sortDir") ?? "1");
  const inOrder =
    shuffle === undefined
      ? sql`(document ->> 'start')::timestamptz ${direction}, id ${direction}`
      : shuffled(sql, shuffle);
  const condition = conditions(sql, region, query);
  const page = await sql<{ document: EventDocument }[]>`
    select document from vivenu.event where ${condition}
    order by ${inOrder}
    limit ${top} offset ${skip}
  `;
  const [counted] = await sql<{ total: number }[]>`
    select count(*)::int as total from vivenu.event where ${condition}
  `;
  return { rows: page.map(({ document }) => document), total: counted?.total ?? 0 };
}

/** An order that looks like none, and is another one for every other text. */
export const shuffled = (sql: ISql, shuffle: string): Fragment => sql`md5(id || ${shuffle})`;

// Probe: vivenu/events-sorted.
function sortDirection(sql: ISql, text: string): Fragment {
  if (text === "1") return sql`asc`;
  if (text === "-1") return sql`desc`;
  throw new HttpError(400, '"sortDir" must be 1 or -1');
}

function conditions(sql: ISql, region: string, query: ParsedQuery): Fragment {
  const name = query.text("name");
  const types = query.list("type");
  const children = query.list("childEvents");
  const same = (field: string) => {
    const value = query.text(field);
    return value === undefined ? [] : [sql`document ->> ${field} = ${value}`];
  };
  // Probe: vivenu/events-changed-since.
  const times = (["start", "end", "updatedAt", "createdAt"] as const).flatMap((field) =>
    query
      .compareDateTime(field)
      .map((one) => compares(sql, sql`(document ->> ${field})::timestamptz`, one)),
  );
  const all = [
    sql`region = ${region} and deleted_at is null`,
    ...(name === undefined
      ? []
      : [sql`strpos(lower(document ->> 'name'), ${name.toLowerCase()}) > 0`]),
    ...(types ? [sql`document ->> 'eventType' = any (${types})`] : []),
    ...(children ? [sql`document -> 'childEvents' ?| ${children}`] : []),
    ...["rootId", "sellerId", "groupEventId", "salesChannelId", "subscriptionPlanId"].flatMap(same),
    ...times,
  ];
  return all.reduce((left, right) => sql`${left} and ${right}`);
}

// Probe: vivenu/unknown-event.
export async function getEvent(sql: ISql, region: string, id: string) {
  const event = await readEvent(sql, id);
  if (event?.region !== region) throw new HttpError(404, "Event not found");
  return event.document;
}

export async function readEvent(sql: ISql, id: string): Promise<StoredEvent | undefined> {
  const [event] = await sql<StoredEvent[]>`
    select ${eventColumns(sql)} from vivenu.event where id = ${id} and deleted_at is null
  `;
  return event;
}

/** Of a deleted event too: its tickets are still there. */
export async function readEventsById(sql: ISql, ids: readonly string[]) {
  const events = await sql<StoredEvent[]>`
    select ${eventColumns(sql)} from vivenu.event where id = any (${[...ids]})
  `;
  return new Map(events.map((event) => [event.id, event]));
}

export const readEvents = (sql: ISql) => sql<StoredEvent[]>`
  select ${eventColumns(sql)} from vivenu.event where deleted_at is null
  order by region, (document ->> 'start')::timestamptz, id
`;

export const asJson = (sql: ISql, value: unknown) =>
  // Documents have fields of type `unknown`, all of them read from JSON or written as JSON here.
  sql.json(value as JSONValue);

export async function insertEvent(
  sql: ISql,
  { id, region, currency, partners, document }: StoredEvent,
) {
  await sql`
    insert into vivenu.event (id, region, currency, updated_at, partners, document)
    values (
      ${id}, ${region}, ${currency}, ${document.updatedAt}, ${asJson(sql, partners)},
      ${asJson(sql, document)}
    )
  `;
}

export async function writeEvent(sql: ISql, { id, document }: StoredEvent) {
  await sql`
    update vivenu.event
    set document = ${asJson(sql, document)}, updated_at = ${document.updatedAt}
    where id = ${id}
  `;
}

export async function markDeleted(sql: ISql, id: string, at: Date) {
  await sql`update vivenu.event set deleted_at = ${at} where id = ${id}`;
}
