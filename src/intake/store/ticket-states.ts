import type { Sql } from "../../database/connect.ts";
import { columns, namesOf, takenOver, typesOf } from "../../database/table-columns.ts";
import { believed } from "../../lib/written-instant.ts";
import { type CountableTicket, isFlex } from "../../rules/count.ts";
import type { Ticket } from "../../vivenu/wire.ts";

/** A ticket as it was last seen, as far as counting needs it. */
export interface TicketState extends CountableTicket {
  /** ISO. */
  updatedAt: string;
}

export const countable = (ticket: Ticket): CountableTicket => ({
  ticketId: ticket._id,
  ticketTypeId: ticket.ticketTypeId,
  status: ticket.status,
  createdAt: ticket.createdAt,
  origin: ticket.origin ?? undefined,
  underShopId: ticket.underShopId ?? undefined,
  hasOriginTicket: (ticket.originTicketId ?? null) !== null || undefined,
  hasTrigger: ticket.hasTrigger,
  hasTransaction: ticket.hasEmptyTransaction ? false : undefined,
  realPrice: ticket.realPrice ?? undefined,
  regularPrice: ticket.regularPrice ?? undefined,
  currency: ticket.currency ?? undefined,
  addOnNames: ticket.addOns,
});

export const stateOf = (ticket: Ticket): TicketState => ({
  ...countable(ticket),
  updatedAt: ticket.updatedAt,
});

/**
 * When a ticket was changed, as far as that can be believed. Where it cannot, `until` stands in for it:
 * what a reading finds wins against what was changed before, and loses to what changes after.
 */
export const changedBy = (updatedAt: string | null, { until, readAt }: ReadTimes): string =>
  believed(updatedAt, (readAt ?? until).toISOString()) ?? until.toISOString();

export interface ReadTimes {
  /** Up to when the reading knows of changes. */
  until: Date;
  /** When it ended, where that is much later. */
  readAt?: Date | undefined;
}

export const believedTickets = (tickets: readonly Ticket[], times: ReadTimes): Ticket[] =>
  tickets.map((ticket) => ({ ...ticket, updatedAt: changedBy(ticket.updatedAt, times) }));

/** Whether two states count alike. */
export const countsAlike = (one: TicketState, other: TicketState) =>
  fingerprint(one) === fingerprint(other);

function fingerprint(state: TicketState) {
  const {
    event_id: _event,
    ticket_id: _ticket,
    updated_at: _changed,
    ...said
  } = rowOf({ eventId: "", state });
  return JSON.stringify(said);
}

/** So many at a time are held in memory in more than one form. */
export const CHUNK = 1_000;

export interface StoredTicket {
  eventId: string;
  state: TicketState;
}

/** Keeps what is newer than what is kept; the events of which a ticket is now another than before. */
export async function saveTickets(
  tx: Sql,
  account: string,
  tickets: readonly StoredTicket[],
): Promise<Set<string>> {
  const touched = new Set<string>();
  for (let at = 0; at < tickets.length; at += CHUNK)
    for (const { eventId } of await saveChunk(tx, account, tickets.slice(at, at + CHUNK)))
      touched.add(eventId);
  return touched;
}

const ids = columns({ event_id: "text", ticket_id: "text" });

/** What of tickets that were sold in one hour tells them apart for counting. */
const telling = columns({
  ticket_type_id: "text",
  status: "text",
  origin: "text",
  under_shop_id: "text",
  has_origin_ticket: "boolean",
  has_trigger: "boolean",
  has_transaction: "boolean",
  real_price: "double precision",
  regular_price: "double precision",
  currency: "text",
  flex: "boolean",
});

const kept = [...telling, ...columns({ created_at: "timestamptz", updated_at: "timestamptz" })];

const saveChunk = (tx: Sql, account: string, tickets: readonly StoredTicket[]) => tx<
  { eventId: string }[]
>`
  insert into ticket_state (account, ${namesOf(tx, [...ids, ...kept])})
  select ${account}, ${namesOf(tx, [...ids, ...kept])}
  from jsonb_to_recordset(${JSON.stringify(tickets.map(rowOf))}::text::jsonb)
    as new (${typesOf(tx, [...ids, ...kept])})
  on conflict (account, event_id, ticket_id) do update set ${takenOver(tx, kept)}
  where ticket_state.updated_at <= excluded.updated_at
    and ticket_state is distinct from excluded
  returning event_id
`;

const rowOf = ({ eventId, state }: StoredTicket) => ({
  event_id: eventId,
  ticket_id: state.ticketId,
  ticket_type_id: state.ticketTypeId,
  status: state.status,
  created_at: state.createdAt,
  updated_at: state.updatedAt,
  origin: state.origin ?? null,
  under_shop_id: state.underShopId ?? null,
  // Nothing where there is none, as in rows of before it was kept.
  has_origin_ticket: state.hasOriginTicket ?? null,
  has_trigger: state.hasTrigger,
  has_transaction: state.hasTransaction ?? null,
  real_price: state.realPrice ?? null,
  regular_price: state.regularPrice ?? null,
  currency: state.currency ?? null,
  flex: isFlex(state),
});

interface TicketRow {
  ticketId: string;
  ticketTypeId: string;
  status: string;
  createdAt: Date;
  updatedAt: Date;
  origin: string | null;
  underShopId: string | null;
  hasOriginTicket: boolean | null;
  hasTrigger: boolean;
  hasTransaction: boolean | null;
  realPrice: number | null;
  regularPrice: number | null;
  currency: string | null;
  flex: boolean;
}

const stateOfRow = ({ flex, ...row }: TicketRow): TicketState => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  origin: row.origin ?? undefined,
  underShopId: row.underShopId ?? undefined,
  hasOriginTicket: row.hasOriginTicket ?? undefined,
  hasTransaction: row.hasTransaction ?? undefined,
  realPrice: row.realPrice ?? undefined,
  regularPrice: row.regularPrice ?? undefined,
  currency: row.currency ?? undefined,
  addOnNames: flex ? ["Flex"] : [],
});

/** Those of an event's tickets that are kept under these ids. */
export async function readTickets(
  sql: Sql,
  { account, eventId, ticketIds }: { account: string; eventId: string; ticketIds: string[] },
): Promise<TicketState[]> {
  const rows = await sql<TicketRow[]>`
    select ticket_id, ${namesOf(sql, kept)}
    from ticket_state
    where account = ${account} and event_id = ${eventId}
      and ticket_id = any(${ticketIds}::text[])
  `;
  return rows.map(stateOfRow);
}

/** Some ticket of an account; undefined where none is kept. */
export async function readAnyTicketId(sql: Sql, account: string): Promise<string | undefined> {
  const [row] = await sql<{ ticketId: string }[]>`
    select ticket_id from ticket_state where account = ${account} limit 1
  `;
  return row?.ticketId;
}

/** Those that were created up to `until` and are kept under other ids than these. */
export async function readOtherTickets(
  sql: Sql,
  {
    account,
    eventId,
    ticketIds,
    until,
  }: {
    account: string;
    eventId: string;
    ticketIds: string[];
    until: Date;
  },
): Promise<TicketState[]> {
  const rows = await sql<TicketRow[]>`
    select ticket_id, ${namesOf(sql, kept)}
    from ticket_state
    where account = ${account} and event_id = ${eventId} and created_at <= ${until}
      and not exists (
        select from unnest(${ticketIds}::text[]) as read (id) where read.id = ticket_id
      )
  `;
  return rows.map(stateOfRow);
}

/**
 * An event's tickets as far as counting tells them apart: thousands in a few hundred rows, or, where
 * sales are thin, nearly as many rows as tickets. So they come some at a time.
 */
export async function* readAlikeTickets(
  tx: Sql,
  account: string,
  eventId: string,
): AsyncIterable<CountableTicket[]> {
  const chunks = tx<(Omit<TicketRow, "ticketId" | "updatedAt"> & { alike: number })[]>`
    select
      ${namesOf(tx, telling)}, date_trunc('hour', created_at, 'UTC') as created_at,
      count(*)::int as alike
    from ticket_state
    where account = ${account} and event_id = ${eventId}
    group by ${namesOf(tx, telling)}, date_trunc('hour', created_at, 'UTC')
  `.cursor(CHUNK);
  for await (const rows of chunks)
    yield rows.map(({ alike, ...row }) => ({
      ...stateOfRow({ ...row, ticketId: "", updatedAt: row.createdAt }),
      alike,
    }));
}

export const deleteTickets = (
  tx: Sql,
  account: string,
  eventId: string,
  ticketIds: readonly string[],
) => tx`
  delete from ticket_state
  where account = ${account} and event_id = ${eventId}
    and ticket_id = any(${[...ticketIds]}::text[])
`;
