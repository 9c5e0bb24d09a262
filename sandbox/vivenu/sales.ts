import type { ISql } from "postgres";
import type { StoredEvent, TicketRow, TicketStatus, TicketType } from "./documents.ts";
import { readEventsById } from "./events.ts";
import { HOLDERS } from "./holders.ts";
import { HttpError } from "./http-error.ts";
import { randomObjectId } from "./ids.ts";
import { announceFor, change, type Stage } from "./stage.ts";
import { checkoutIdOf, customerIdOf, ticketDocument } from "./ticket-document.ts";
import {
  insertTickets,
  readOrder,
  readTicket,
  readWithPartners,
  setStatus,
} from "./ticket-rows.ts";

export interface OrderRequest {
  ticketTypeId: string;
  /** Paid tickets; the free ones of partners come on top. */
  count: number;
  underShopId?: string | undefined;
  status?: TicketStatus | undefined;
  flex?: boolean | undefined;
}

/** One order: its tickets, `ticket.created` for each, and `transaction.complete`. Stock is not looked at. */
export const sell = (stage: Stage, event: StoredEvent, request: OrderRequest) =>
  change(stage, async (sql, at) => {
    const rows = orderRows(event, request, at);
    await insertTickets(sql, rows);
    await announceTickets(sql, event, "ticket.created", rows, at);
    if (request.status !== "RESERVED") {
      await announceTransaction(sql, event, "transaction.complete", rows, at);
    }
    return rows;
  });

function orderRows(event: StoredEvent, request: OrderRequest, at: Date): TicketRow[] {
  const type = event.document.tickets.find(({ _id }) => _id === request.ticketTypeId);
  const shop = event.document.underShops.find(({ _id }) => _id === request.underShopId);
  if (!type) throw new HttpError(404, "The event has no such ticket type");
  if (request.underShopId !== undefined && !shop) {
    throw new HttpError(404, "The event has no such undershop");
  }
  const price =
    shop?.tickets.find(({ baseTicket }) => baseTicket === type._id)?.price ?? type.price;
  const status = request.status ?? "VALID";
  const bought = {
    status,
    underShopId: shop?._id ?? null,
    transactionId: randomObjectId(at),
  };
  const partner = event.partners[type._id];
  return Array.from({ length: request.count }, () => {
    const ticket = newRow(event, type, at, { ...bought, price, flex: request.flex ?? false });
    const free = Array.from({ length: partner?.count ?? 0 }, () =>
      newRow(event, { _id: partner?.typeId ?? "", name: partner?.name ?? "" }, at, {
        ...bought,
        status: status === "VALID" ? "DETAILSREQUIRED" : status,
        price: 0,
        triggeredBy: ticket.id,
      }),
    );
    return [ticket, ...free];
  }).flat();
}

function newRow(
  { id, region }: StoredEvent,
  type: Pick<TicketType, "_id" | "name">,
  at: Date,
  { price, ...ticket }: Partial<TicketRow> & { price: number; status: TicketStatus },
): TicketRow {
  const ownId = randomObjectId(at);
  return {
    id: ownId,
    region,
    eventId: id,
    ticketTypeId: type._id,
    ticketName: type.name,
    createdAt: at,
    updatedAt: at,
    origin: "yourticket",
    underShopId: null,
    originTicketId: null,
    triggeredBy: null,
    transactionId: null,
    regularPrice: price,
    realPrice: price,
    flex: false,
    holder: ticket.status === "VALID" ? holderFor(ownId) : null,
    batch: null,
    batchCounter: null,
    ...ticket,
  };
}

const holderFor = (ticketId: string) => Number.parseInt(ticketId.slice(-6), 16) % HOLDERS;

/** The ticket and its partners become invalid; the order is canceled when nothing of it is left. */
export const refund = (stage: Stage, ticketId: string) =>
  change(stage, async (sql, at) => {
    const { event } = await ticketToChange(sql, ticketId);
    const ids = (await readWithPartners(sql, ticketId)).map(({ id }) => id);
    const rows = await setStatus(sql, ids, { status: "INVALID", at });
    await announceTickets(sql, event, "ticket.updated", rows, at);
    const transactionId = rows[0]?.transactionId;
    const order = transactionId ? await readOrder(sql, transactionId) : [];
    if (order.length > 0) {
      const left = order.some(({ status }) => status !== "INVALID");
      const type = left ? "transaction.partiallyCanceled" : "transaction.canceled";
      await announceTransaction(sql, event, type, order, at);
    }
    return rows;
  });

/** A new ticket for somebody else; the old one becomes invalid. */
export const transfer = (stage: Stage, ticketId: string) =>
  change(stage, async (sql, at) => {
    const { event, ticket } = await ticketToChange(sql, ticketId);
    const id = randomObjectId(at);
    const successor: TicketRow = {
      ...ticket,
      id,
      createdAt: at,
      updatedAt: at,
      status: "VALID",
      origin: "transfer",
      originTicketId: ticket.id,
      holder: holderFor(id),
    };
    await insertTickets(sql, [successor]);
    const invalidated = await setStatus(sql, [ticketId], { status: "INVALID", at });
    await announceTickets(sql, event, "ticket.created", [successor], at);
    await announceTickets(sql, event, "ticket.updated", invalidated, at);
    return [successor, ...invalidated];
  });

/** The details that were missing are given, or the payment that was outstanding arrives. */
export const complete = (stage: Stage, ticketId: string) =>
  change(stage, async (sql, at) => {
    const { event } = await ticketToChange(sql, ticketId);
    const rows = await setStatus(sql, [ticketId], {
      status: "VALID",
      holder: holderFor(ticketId),
      at,
    });
    await announceTickets(sql, event, "ticket.updated", rows, at);
    return rows;
  });

async function ticketToChange(sql: ISql, id: string) {
  const ticket = await readTicket(sql, id);
  const event = ticket && (await readEventsById(sql, [ticket.eventId])).get(ticket.eventId);
  if (!ticket || !event) throw new HttpError(404, "Ticket not found");
  if (ticket.status === "INVALID") throw new HttpError(409, "The ticket is invalid already");
  return { ticket, event };
}

const announceTickets = (
  sql: ISql,
  event: StoredEvent,
  type: "ticket.created" | "ticket.updated",
  rows: readonly TicketRow[],
  at: Date,
) =>
  announceFor(
    sql,
    event,
    { type, at },
    rows.map((row) => ({ ticket: ticketDocument(row, event) })),
  );

/** With its tickets, but for a partial cancellation, which comes without them. */
const announceTransaction = (
  sql: ISql,
  event: StoredEvent,
  type: "transaction.complete" | "transaction.canceled" | "transaction.partiallyCanceled",
  rows: readonly TicketRow[],
  at: Date,
) =>
  announceFor(sql, event, { type, at }, [
    {
      transaction: transactionDocument(rows, event, { type, at }),
      ...(type !== "transaction.partiallyCanceled" && {
        tickets: rows.map((row) => ticketDocument(row, event)),
      }),
    },
  ]);

function transactionDocument(
  rows: readonly TicketRow[],
  event: StoredEvent,
  { type, at }: { type: string; at: Date },
) {
  const [first] = rows;
  const id = first?.transactionId ?? randomObjectId(at);
  const holder = first && ticketDocument({ ...first, holder: first.holder ?? 0 }, event);
  const total = (price: (row: TicketRow) => number) =>
    Math.round(rows.reduce((sum, row) => sum + price(row) * 100, 0)) / 100;
  const paid = total(({ realPrice }) => realPrice);
  return {
    _id: id,
    sellerId: event.document.sellerId,
    eventId: event.id,
    customerId: customerIdOf(id),
    checkoutId: checkoutIdOf(id),
    status: type === "transaction.canceled" ? "CANCELED" : "COMPLETE",
    currency: event.currency,
    regularPrice: total(({ regularPrice }) => regularPrice),
    realPrice: paid,
    innerCharge: Math.round(paid * 3) / 100,
    outerCharge: 0,
    paymentCharge: Math.round(paid * 1.4) / 100,
    ...(holder && "email" in holder && { name: holder.name, email: holder.email }),
    tickets: rows.map((row) => ({
      _id: row.ticketTypeId,
      name: row.ticketName,
      price: row.realPrice,
      amount: 1,
    })),
    createdAt: (first?.createdAt ?? at).toISOString(),
    updatedAt: at.toISOString(),
  };
}
