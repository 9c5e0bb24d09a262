import type { Sql } from "postgres";
import { between, howMany, pick, pickWeighted, type Random } from "../random.ts";
import type {
  EventDocument,
  StoredEvent,
  TicketRow,
  TicketStatus,
  TicketType,
} from "./documents.ts";
import { patchEvent, patchTicketType } from "./event-changes.ts";
import { readEventsById } from "./events.ts";
import { openShop, saleState } from "./sale-state.ts";
import { complete, refund, sell, transfer } from "./sales.ts";
import { liveliness } from "./season/demand.ts";
import type { Stage } from "./stage.ts";
import { readStock, type Stock } from "./stock.ts";
import { ticketColumns } from "./ticket-rows.ts";

const HOUR_MS = 3_600_000;

/** Orders a second over all events on sale together; an order is two tickets or so. */
const ORDERS = 1.1;
const PRESALE_ORDERS = 0.05;
/** Orders a second of one event the moment it opens; a third of it twelve minutes later. */
const LAUNCH_ORDERS = 2.5;
const LAUNCH_FADES_MS = 12 * 60_000;
const LAUNCH_LASTS_MS = 3 * HOUR_MS;
/** Happen so often a second. */
const REFUNDS = 0.02;
const TRANSFERS = 0.015;
const COMPLETIONS = 0.06;
const EVENT_CHANGES = 1 / 300;

/** Of such changes one in so many is a wave: places for all races at once. */
const WAVES = 8;
const WAVE_SHARE = 0.08;
/** Somebody who watches at night sees something happen as well. */
const QUIETEST = 0.3;

/** After a pause, a laptop's sleep say, the time missed is not caught up with. */
const LONGEST_STEP_MS = 5000;

export interface LiveSalesOptions {
  stage: Stage;
  random: Random;
  log: (line: string) => void;
}

/** The season goes on: `tick` makes happen what falls into the time since the last one. */
export function liveSales({ stage, random, log }: LiveSalesOptions) {
  const readSeason = seasonReader(stage.sql);
  let last: Date | undefined;

  async function tick(at: Date) {
    const seconds = Math.min(at.getTime() - (last ?? at).getTime(), LONGEST_STEP_MS) / 1000;
    last = at;
    if (seconds <= 0) return;
    const season = await readSeason();
    const open = season.filter(({ document }) => saleState(document, at) === "on sale");
    for (const event of season) {
      const orders = howMany(random, rate(event, at, open.length) * seconds);
      if (orders > 0) await sellSome(event, orders, at);
    }
    await changeSome(open, season, seconds, at);
  }

  async function sellSome(event: StoredEvent, orders: number, at: Date) {
    const stock = await readStock(stage.sql, event);
    const isOpen = saleState(event.document, at) === "on sale";
    const shop = isOpen && random() < 0.9 ? undefined : openShop(event.document, at);
    if (!isOpen && !shop) return;
    const left = (typeId: string) => (shop ? stock.inShop(shop, typeId) : stock.of(typeId));
    for (let order = 0; order < orders; order += 1) {
      const type = pickType(event, left, random);
      if (!type) return;
      const count = Math.min(random() < 0.2 ? 2 : 1, left(type._id));
      take(stock, type._id, count, shop);
      await sell(stage, event, {
        ticketTypeId: type._id,
        count,
        underShopId: shop?._id,
        status: statusOfOrder(random),
        flex: random() < 0.12,
      });
    }
  }

  async function changeSome(
    open: readonly StoredEvent[],
    season: readonly StoredEvent[],
    seconds: number,
    at: Date,
  ) {
    const happens = (often: number) => howMany(random, often * seconds) > 0;
    const some = async (statuses: TicketStatus[]) => {
      const event = pick(random, open);
      return event && (await someTicket(stage.sql, event, statuses, { random, at }));
    };
    const refunded = happens(REFUNDS) && (await some(["VALID", "DETAILSREQUIRED"]));
    if (refunded) await refund(stage, refunded.id);
    const given = happens(TRANSFERS) && (await some(["VALID"]));
    if (given) await transfer(stage, given.id);
    const completed = happens(COMPLETIONS) && (await some(["DETAILSREQUIRED", "RESERVED"]));
    if (completed) await complete(stage, completed.id);
    if (happens(EVENT_CHANGES)) await changeEvent(open, season, at);
  }

  /** An announced launch is moved, or an organiser raises a price or an amount. */
  async function changeEvent(
    open: readonly StoredEvent[],
    season: readonly StoredEvent[],
    at: Date,
  ) {
    const announced = season.filter(
      ({ document: { sellStart } }) =>
        sellStart !== undefined && Date.parse(sellStart) > at.getTime() + 12 * HOUR_MS,
    );
    const moved = random() < 0.4 ? pick(random, announced) : undefined;
    if (moved?.document.sellStart) {
      const by = pick(random, [-2, 1, 2, 24]) ?? 1;
      const sellStart = new Date(Date.parse(moved.document.sellStart) + by * HOUR_MS);
      await patchEvent(stage, moved.id, { sellStart: sellStart.toISOString() });
      return log(`vivenu: ${moved.document.name} moved its launch by ${by} h`);
    }
    const event = pick(random, open);
    if (event && random() < 1 / WAVES) {
      await patchEvent(stage, event.id, wave(event.document));
      return log(`vivenu: ${event.document.name} changed: a wave of new places`);
    }
    const type =
      event &&
      pick(
        random,
        event.document.tickets.filter(({ price }) => price > 0),
      );
    if (!event || !type) return;
    const patch =
      random() < 0.5 ? { price: type.price + 5 } : { amount: type.amount + between(random, 5, 25) };
    await patchTicketType(stage, event.id, type._id, patch);
    log(`vivenu: ${event.document.name} changed ${type.name.trim()}`);
  }

  return { tick };
}

/** More places of every race, in each of the caps that hold them. Guests' and free ones are as many as anybody wants. */
export function wave({ tickets, categories, maxAmount }: EventDocument) {
  const more = (amount: number) => Math.ceil(amount * (1 + WAVE_SHARE));
  const races = new Set(
    categories.filter(({ name }) => ["Race", "Charity"].includes(name)).map(({ ref }) => ref),
  );
  const isRace = (type: TicketType) => type.price > 0 && races.has(type.categoryRef ?? "");
  return {
    tickets: tickets.map((type) => (isRace(type) ? { ...type, amount: more(type.amount) } : type)),
    categories: categories.map((category) =>
      races.has(category.ref) && category.amount !== undefined
        ? { ...category, amount: more(category.amount) }
        : category,
    ),
    maxAmount: more(maxAmount),
  };
}

/** Some launches are a rush, and some are not; the same event's is the same each time. */
const strengthOf = ({ id }: StoredEvent) => 0.5 + Number.parseInt(id.slice(-4), 16) / 0xffff;

function rate(event: StoredEvent, at: Date, open: number) {
  const { document } = event;
  const state = saleState(document, at);
  if (state === "presale") return PRESALE_ORDERS;
  if (state !== "on sale" || document.sellStart === undefined) return 0;
  const sinceMs = at.getTime() - Date.parse(document.sellStart);
  const launch =
    sinceMs < LAUNCH_LASTS_MS
      ? LAUNCH_ORDERS * strengthOf(event) * Math.exp(-sinceMs / LAUNCH_FADES_MS)
      : 0;
  return (ORDERS / open) * Math.max(QUIETEST, liveliness(at, document.timezone ?? "UTC")) + launch;
}

/** Of those with places left: entries by their amounts, spectators and extras now and then. */
const pickType = (event: StoredEvent, left: (typeId: string) => number, random: Random) => {
  const free = new Set(Object.values(event.partners).map(({ typeId }) => typeId));
  const sold = event.document.tickets.filter(({ _id }) => !free.has(_id) && left(_id) > 0);
  const weight = (amount: number, price: number) => (amount >= 2000 || price < 30 ? 60 : amount);
  return pickWeighted(random, sold, ({ amount, price }) => weight(amount, price));
};

function take(stock: Stock, typeId: string, count: number, shop: Parameters<Stock["take"]>[1]) {
  for (let one = 0; one < count; one += 1) stock.take(typeId, shop);
}

function statusOfOrder(random: Random): TicketStatus {
  const drawn = random();
  if (drawn < 0.01) return "RESERVED";
  return drawn < 0.09 ? "DETAILSREQUIRED" : "VALID";
}

/** A paid or held ticket of about a moment drawn by chance, the newer the likelier. */
async function someTicket(
  sql: Sql,
  event: StoredEvent,
  statuses: TicketStatus[],
  { random, at }: { random: Random; at: Date },
): Promise<TicketRow | undefined> {
  const sellStart = Date.parse(event.document.sellStart ?? event.document.createdAt);
  const moment = new Date(at.getTime() - (at.getTime() - sellStart) * random() ** 2);
  const [row] = await sql<TicketRow[]>`
    select ${ticketColumns(sql)} from vivenu.ticket
    where region = ${event.region} and event_id = ${event.id} and created_at <= ${moment}
      and status = any (${statuses}) and triggered_by is null and transaction_id is not null
    order by created_at desc, id desc
    limit 1
  `;
  return row;
}

/** Documents are large and change seldom: only those whose `updated_at` has moved are read again. */
function seasonReader(sql: Sql) {
  const known = new Map<string, { updatedAt: number; event: StoredEvent }>();
  return async () => {
    const now = await sql<{ id: string; updatedAt: Date }[]>`
      select id, updated_at as "updatedAt" from vivenu.event where deleted_at is null order by id
    `;
    const stale = now.filter(
      ({ id, updatedAt }) => known.get(id)?.updatedAt !== updatedAt.getTime(),
    );
    const read =
      stale.length > 0
        ? await readEventsById(
            sql,
            stale.map(({ id }) => id),
          )
        : new Map();
    for (const { id, updatedAt } of stale) {
      const event: StoredEvent | undefined = read.get(id);
      if (event) known.set(id, { updatedAt: updatedAt.getTime(), event });
    }
    return now.flatMap(({ id }) => known.get(id)?.event ?? []);
  };
}
