import { between, pick, pickWeighted, type Random } from "../../random.ts";
import type { TicketRow, TicketStatus } from "../documents.ts";
import { HOLDERS } from "../holders.ts";
import { idFrom, objectId, uuidFrom } from "../ids.ts";
import { HOUR_MS, MINUTE_MS, plus } from "./calendar.ts";
import type { TypePlan } from "./ticket-types.ts";

/**
 * `count` tickets of one type that were sold between two moments: when `moment` draws, or else mostly soon
 * after the first.
 */
export interface Sale {
  type: TypePlan;
  count: number;
  from: Date;
  until: Date;
  moment?: (random: Random) => Date;
  shop?: { id: string; price: number };
}

export interface HistoryPlan {
  eventId: string;
  region: string;
  random: Random;
  sales: readonly Sale[];
  /** Tickets that were refunded, transferred away or upgraded, partners included. */
  invalid: number;
  /** Payment outstanding. */
  reserved: number;
  /** Hard tickets printed in advance. */
  blank: number;
  /** Free tickets that were imported in one go, all at one moment. */
  imported: number;
}

const COMPLIMENTARY = 0.015;
const FLEX = 0.12;
const DISCOUNTED = 0.03;
const SAME_ORDER = 0.2;
const DETAILS_MISSING = 0.08;
const PARTNER_DETAILS_MISSING = 0.3;

/** All tickets that an event has sold so far, as rows; sold counts come out exactly as planned. */
export function ticketHistory(plan: HistoryPlan): TicketRow[] {
  const { random, sales } = plan;
  const desk = ticketDesk(plan);
  const invalid = invalidTickets(plan, desk);
  for (const sale of sales) {
    let order: Order | undefined;
    for (let sold = 0; sold < sale.count; sold += 1) {
      order = order && random() < SAME_ORDER ? order : newOrder(desk, random, sale);
      const replaced = random() < 0.04 ? replace(invalid, sale.type.id) : undefined;
      const status = random() < DETAILS_MISSING ? "DETAILSREQUIRED" : "VALID";
      if (replaced) desk.succeed(sale, replaced, status);
      else desk.sell(sale, order, status);
    }
  }
  reserve(plan, desk);
  giveAway(plan, desk);
  return desk.rows;
}

interface Order {
  at: Date;
  transactionId: string;
}

type Desk = ReturnType<typeof ticketDesk>;

const newOrder = (desk: Desk, random: Random, { from, until, moment }: Sale): Order => {
  const at = moment ? moment(random) : momentOfSale(random, from, until);
  return { at, transactionId: desk.id(at) };
};

/** Four in ten within the first hour or so, the rest thinner and thinner. */
function momentOfSale(random: Random, from: Date, until: Date) {
  const span = Math.max(1, until.getTime() - from.getTime());
  const first = -Math.log(1 - random()) * 20 * MINUTE_MS;
  const after = random() < 0.4 && first < span ? first : span * random() ** 2;
  return plus(from, Math.floor(after));
}

/** Numbers and writes the tickets of one event. */
function ticketDesk({ eventId, region, random, sales }: HistoryPlan) {
  const owner = idFrom(eventId, "owner").slice(2, 12);
  const rows: TicketRow[] = [];
  const latest = Math.max(...sales.map(({ until }) => until.getTime()));
  const soonAfter = (at: Date, lowMs: number, highMs: number) =>
    new Date(Math.min(at.getTime() + between(random, lowMs, highMs), latest));
  let counter = 0;
  const id = (at: Date) => {
    counter += 1;
    return objectId(at, owner, counter);
  };

  function issue(
    type: Pick<TypePlan, "id" | "name" | "price">,
    at: Date,
    ticket: Partial<TicketRow> = {},
  ): TicketRow {
    const status = ticket.status ?? "VALID";
    const row: TicketRow = {
      id: id(at),
      region,
      eventId,
      ticketTypeId: type.id,
      ticketName: type.name,
      createdAt: at,
      updatedAt: soonAfter(at, 500, 5000),
      origin: "yourticket",
      underShopId: null,
      originTicketId: null,
      triggeredBy: null,
      transactionId: null,
      regularPrice: type.price,
      realPrice: type.price,
      flex: false,
      holder: isNamed(status) ? between(random, 0, HOLDERS - 1) : null,
      batch: null,
      batchCounter: null,
      ...ticket,
      status,
    };
    rows.push(row);
    return row;
  }

  /** The free tickets share their trigger's fate. */
  function withPartners({ type }: Sale, ticket: TicketRow) {
    const { partner } = type;
    for (let free = 0; partner && free < partner.count; free += 1) {
      const missing = ticket.status === "VALID" && random() < PARTNER_DETAILS_MISSING;
      issue({ id: partner.typeId, name: partner.name, price: 0 }, ticket.createdAt, {
        status: missing ? "DETAILSREQUIRED" : ticket.status,
        updatedAt: ticket.updatedAt,
        origin: ticket.origin,
        underShopId: ticket.underShopId,
        transactionId: ticket.transactionId,
        triggeredBy: ticket.id,
      });
    }
    return ticket;
  }

  function sell(sale: Sale, order: Order, status: TicketStatus) {
    const { type, shop } = sale;
    const price = shop?.price ?? type.price;
    const paid = random() < DISCOUNTED ? Math.round(price * 90) / 100 : price;
    const bought: Partial<TicketRow> = {
      status,
      transactionId: order.transactionId,
      underShopId: shop?.id ?? null,
      regularPrice: price,
      realPrice: paid,
      flex: type.category === "Race" && random() < FLEX,
    };
    const free = type.category !== "Extras" && !shop && random() < COMPLIMENTARY;
    const ticket = issue(type, order.at, free ? { status, ...complimentary(order) } : bought);
    return withPartners(sale, ticket);
  }

  /** The ticket that a transfer, a rebooking or an upgrade leaves in the place of an invalid one. */
  function succeed(sale: Sale, replaced: TicketRow, status: TicketStatus) {
    const ticket = issue(sale.type, replaced.updatedAt, {
      status,
      origin: replaced.ticketTypeId === sale.type.id ? "transfer" : pickUpgrade(random),
      originTicketId: replaced.id,
      transactionId: replaced.transactionId,
      underShopId: sale.shop?.id ?? null,
    });
    return withPartners(sale, ticket);
  }

  return { rows, id, issue, sell, succeed, soonAfter };
}

const isNamed = (status: TicketStatus) => status === "VALID" || status === "INVALID";

const pickUpgrade = (random: Random) => (random() < 0.5 ? "upgrade" : "rebooking");

const complimentary = ({ transactionId }: Order): Partial<TicketRow> => ({
  origin: null,
  realPrice: 0,
  batch: uuidFrom(transactionId, "batch"),
  batchCounter: 1,
});

/** Exactly `plan.invalid` records; a pair or team that does not fit any more goes as a single. */
function invalidTickets({ sales, invalid, random }: HistoryPlan, desk: Desk) {
  const sold = sales.filter(({ type, count }) => type.category !== "Extras" && count > 0);
  const before = desk.rows.length;
  while (desk.rows.length - before < invalid) {
    const sale = pickWeighted(random, sold, ({ count }) => count);
    if (!sale) break;
    const left = invalid - (desk.rows.length - before);
    const fits = (sale.type.partner?.count ?? 0) < left;
    const { partner: _, ...alone } = sale.type;
    const order = newOrder(desk, random, sale);
    desk.sell(fits ? sale : { ...sale, type: alone }, order, "INVALID");
  }
  const made = desk.rows.slice(before);
  for (const row of made) row.updatedAt = desk.soonAfter(row.createdAt, 60_000, 5_000_000);
  return made.filter(({ triggeredBy }) => triggeredBy === null);
}

/** An invalid ticket that has no successor yet: one of the same type if there is one. */
function replace(invalid: TicketRow[], typeId: string) {
  const own = invalid.findIndex(({ ticketTypeId }) => ticketTypeId === typeId);
  return invalid.splice(Math.max(own, 0), 1)[0];
}

function reserve({ sales, reserved, random }: HistoryPlan, desk: Desk) {
  const entries = sales.filter(({ type, count }) => type.category === "Race" && count > 0);
  for (let held = 0; held < reserved; held += 1) {
    const sale = pick(random, entries);
    if (sale) desk.sell(sale, newOrder(desk, random, sale), "RESERVED");
  }
}

/** Back-office tickets: blank hard tickets and an import, each batch with one createdAt. */
function giveAway({ sales, blank, imported, eventId }: HistoryPlan, desk: Desk) {
  const sale = sales.find(({ type }) => type.category === "Spectator");
  if (!sale) return;
  const at = desk.soonAfter(sale.from, 36 * HOUR_MS, 40 * HOUR_MS);
  const batch = (name: string, count: number, ticket: Partial<TicketRow>) => {
    for (let number = 1; number <= count; number += 1) {
      desk.issue(sale.type, at, {
        origin: null,
        realPrice: 0,
        batch: uuidFrom(eventId, name),
        batchCounter: number,
        ...ticket,
      });
    }
  };
  batch("blank", blank, { status: "BLANK" });
  batch("import", imported, {});
}
