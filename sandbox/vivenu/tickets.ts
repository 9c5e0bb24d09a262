import type { ISql, PendingQuery, Row } from "postgres";
import { compares } from "./compare.ts";
import type { StoredEvent, TicketRow } from "./documents.ts";
import { readEventsById, shuffled } from "./events.ts";
import { holdersNamed } from "./holders.ts";
import { HttpError } from "./http-error.ts";
import { isObjectId } from "./ids.ts";
import { type ParsedQuery, parseQuery } from "./query.ts";
import {
  idOfBarcode,
  ticketDocument,
  transactionOfCheckout,
  transactionOfCustomer,
} from "./ticket-document.ts";
import { ticketColumns } from "./ticket-rows.ts";

// Probe: vivenu/statuses.
const STATUSES: readonly string[] = ["VALID", "INVALID", "RESERVED", "DETAILSREQUIRED", "BLANK"];

/** All that exist; anything else is refused, which is how Vivenu treats `ticketTypeId` and the like. */
const PARAMETERS = {
  name: "text",
  barcode: "text",
  start: "dateTime",
  end: "dateTime",
  status: "list",
  type: "text",
  deliveryType: "list",
  event: "list",
  statusId: "text",
  gaName: "text",
  sectionName: "text",
  groupName: "text",
  rowName: "text",
  seatName: "text",
  customerId: "text",
  purchaseIntentId: "text",
  checkoutId: "text",
  subscriptionId: "text",
  updatedAt: "compareDateTime",
  batch: "text",
  batchCounter: "compareNumber",
  packageId: "text",
  top: "integer",
  skip: "integer",
} as const;

/** Nothing here has seats, subscriptions, purchase intents or packages. */
const NEVER_MATCHING = [
  "statusId",
  "gaName",
  "sectionName",
  "groupName",
  "rowName",
  "seatName",
  "purchaseIntentId",
  "subscriptionId",
  "packageId",
];

type Fragment = PendingQuery<Row[]>;

/** How a list is not quite what is asked for. */
export interface Oddity {
  /** The order that it is read in, which has nothing to do with time. */
  shuffle?: string | undefined;
  /** What was made so short a time before `now` is not listed yet; `of` chooses each ticket's own delay. */
  late?: { minMs: number; maxMs: number; now: Date; of: string } | undefined;
}

/**
 * `GET /api/tickets`: newest first, as Vivenu seems to answer, unless it is shuffled.
 * Probes: vivenu/tickets, vivenu/tickets-default-top, vivenu/tickets-behind-the-end, vivenu/newest-first.
 */
export async function listTickets(
  sql: ISql,
  region: string,
  search: URLSearchParams,
  { shuffle, late }: Oddity = {},
) {
  const query = parseQuery(search, PARAMETERS);
  const top = query.integer("top", { low: 1, high: 1000, fallback: 25 });
  const skip = query.integer("skip", { low: 0, high: Number.MAX_SAFE_INTEGER, fallback: 0 });
  const asked = conditions(sql, region, query);
  const condition = late ? sql`${asked} and ${isListed(sql, late)}` : asked;
  const inOrder = shuffle === undefined ? sql`created_at desc, id desc` : shuffled(sql, shuffle);
  // The page is found in the index alone; only its own rows are then looked up.
  const page = await sql<(TicketRow & { total: number })[]>`
    select ${ticketColumns(sql)},
           (select count(*)::int from vivenu.ticket where ${condition}) as total
    from vivenu.ticket
    where id = any (array(
      select id from vivenu.ticket where ${condition}
      order by ${inOrder}
      limit ${top} offset ${skip}
    ))
    order by ${inOrder}
  `;
  const total = page[0]?.total ?? (await countTickets(sql, condition));
  return { rows: await documentsOf(sql, page), total };
}

const isListed = (
  sql: ISql,
  { minMs, maxMs, now, of }: NonNullable<Oddity["late"]>,
): Fragment => sql`
  created_at + interval '1 millisecond' * (
    ${minMs}::int + (hashtext(id || ${of}) & 1023) / 1023.0 * ${maxMs - minMs}::int
  ) <= ${now}
`;

async function countTickets(sql: ISql, condition: Fragment) {
  const [counted] = await sql<{ total: number }[]>`
    select count(*)::int as total from vivenu.ticket where ${condition}
  `;
  return counted?.total ?? 0;
}

// Probe: vivenu/unknown-ticket.
export async function getTicket(sql: ISql, region: string, id: string) {
  const rows = await sql<TicketRow[]>`
    select ${ticketColumns(sql)} from vivenu.ticket where id = ${id} and region = ${region}
  `;
  const [document] = await documentsOf(sql, rows);
  if (!document) throw new HttpError(404, "Ticket not found");
  return document;
}

async function documentsOf(sql: ISql, rows: readonly TicketRow[]) {
  const events = await readEventsById(sql, [...new Set(rows.map(({ eventId }) => eventId))]);
  return rows.map((row) => ticketDocument(row, eventOf(row, events)));
}

function eventOf({ id, eventId }: TicketRow, events: ReadonlyMap<string, StoredEvent>) {
  const event = events.get(eventId);
  if (!event) throw new Error(`ticket ${id} belongs to no event`);
  return event;
}

function conditions(sql: ISql, region: string, query: ParsedQuery): Fragment {
  const all = [
    sql`region = ${region}`,
    ...whichTickets(sql, query),
    ...when(sql, query),
    ...ofWhom(sql, query),
  ];
  return all.reduce((left, right) => sql`${left} and ${right}`);
}

// Probes: vivenu/tickets-of-event, vivenu/tickets-of-events, vivenu/tickets-of-status,
// vivenu/bad-event-id, vivenu/unknown-status.
function whichTickets(sql: ISql, query: ParsedQuery): Fragment[] {
  const events = query.list("event");
  const statuses = query.list("status");
  const deliveries = query.list("deliveryType");
  const type = query.text("type");
  if (events?.some((id) => !isObjectId(id)))
    throw new HttpError(400, '"event" must list event ids');
  if (statuses?.some((status) => !STATUSES.includes(status))) {
    throw new HttpError(400, `"status" must list some of ${STATUSES.join(", ")}`);
  }
  if (type !== undefined && type !== "SINGLE" && type !== "MULTI") {
    throw new HttpError(400, '"type" must be SINGLE or MULTI');
  }
  return [
    ...(events ? [isOneOf(sql, "event_id", events)] : []),
    ...(statuses ? [isOneOf(sql, "status", statuses)] : []),
    ...(deliveries
      ? [sql`case status when 'BLANK' then 'HARD' else 'VIRTUAL' end = any (${deliveries})`]
      : []),
    ...(type === "MULTI" ? [sql`false`] : []),
  ];
}

/** An equality for a single value: unlike `any` it keeps the order of the index. */
const isOneOf = (sql: ISql, column: string, values: readonly string[]): Fragment =>
  values.length === 1
    ? sql`${sql(column)} = ${values[0] ?? ""}`
    : sql`${sql(column)} = any (${[...values]})`;

// Probes: vivenu/created-window, vivenu/tickets-changed-since.
function when(sql: ISql, query: ParsedQuery): Fragment[] {
  const start = query.dateTime("start");
  const end = query.dateTime("end");
  return [
    ...(start ? [sql`created_at >= ${start}`] : []),
    ...(end ? [sql`created_at <= ${end}`] : []),
    ...query.compareDateTime("updatedAt").map((one) => compares(sql, sql`updated_at`, one)),
    ...query.compareNumber("batchCounter").map((one) => compares(sql, sql`batch_counter`, one)),
  ];
}

function ofWhom(sql: ISql, query: ParsedQuery): Fragment[] {
  const given = <T>(name: string, make: (text: string) => T) => {
    const text = query.text(name);
    return text === undefined ? [] : [make(text)];
  };
  return [
    ...given("name", (text) => sql`holder = any (${holdersNamed(text)})`),
    ...given("barcode", (text) => sql`id = ${idOfBarcode(text)}`),
    ...given("batch", (text) => sql`batch = ${text}`),
    ...given("customerId", (text) => sql`transaction_id = ${transactionOfCustomer(text)}`),
    ...given("checkoutId", (text) => sql`transaction_id = ${transactionOfCheckout(text)}`),
    ...NEVER_MATCHING.flatMap((name) => given(name, () => sql`false`)),
  ];
}
