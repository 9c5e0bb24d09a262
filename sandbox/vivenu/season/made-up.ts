import { between, type Random, seeded } from "../../random.ts";
import { SELLERS } from "../accounts.ts";
import type { UnderShop } from "../documents.ts";
import { idFrom } from "../ids.ts";
import { DAY_MS, HOUR_MS, localTime, MINUTE_MS, plus, raceDays } from "./calendar.ts";
import { type Demand, demandOf } from "./demand.ts";
import { eventDocument, partnersByType } from "./event-document.ts";
import { type Sale, ticketHistory } from "./history.ts";
import type { EventSpec, Moment, PlannedEvent, ShopSpec } from "./spec.ts";
import { type Category, type TypePlan, ticketTypes } from "./ticket-types.ts";

const UNLIMITED = 100_000;
/** Refunded, transferred away or upgraded, by event. */
const INVALID_LEAST = 0.05;
const INVALID_MORE = 0.08;
const RESERVED_SHARE = 0.006;
const PHOTO_SHARE = 0.08;
/** What a tight category has of its types' amounts. */
const TIGHT = 0.85;
const GUESTS = 1.2;

export const sellerOf = (region: string) =>
  SELLERS.find((seller) => seller.region === region)?.sellerId ?? "";

export const seedOf = (seed: number, key: string) =>
  Number.parseInt(idFrom(seed, key).slice(4, 12), 16);

/** A made-up event in the state that its spec describes, seen from `now`. */
export function madeUpEvent(planned: EventSpec, { seed, now }: Moment): PlannedEvent {
  const id = idFrom(seed, "event", planned.key);
  const random = seeded(seedOf(seed, planned.key));
  const spec = spread(planned, random);
  const days = raceDays(now, spec.startsInDays, spec.days);
  const types = ticketTypes(spec, id, days);
  const times = timesOf(spec, days, now);
  const shops = spec.shops.map((shop) => underShop(shop, types, id, now));
  const sales = plannedSales(spec, types, shops, { ...times, now, random });
  const entries = sales.reduce((sum, { type, count }) => sum + (isEntry(type) ? count : 0), 0);
  return {
    region: spec.region,
    currency: spec.currency,
    partners: partnersByType(types),
    document: eventDocument({
      ...spec,
      id,
      sellerId: sellerOf(spec.region),
      name: spec.name.replace("{year}", String(days[0]?.getUTCFullYear())),
      ...times,
      updatedAt: plus(now, -DAY_MS - Math.floor(random() * DAY_MS)),
      maxAmount:
        Math.round(amountOf(types, "Race", "Charity") * (spec.maxAmountShare ?? 0)) || UNLIMITED,
      categoryAmounts: categoryAmounts(spec, types),
      types,
      underShops: shops,
      rules: !spec.partnersByNameOnly,
    }),
    tickets: ticketHistory({
      eventId: id,
      region: spec.region,
      random,
      sales,
      invalid: Math.round(entries * (INVALID_LEAST + INVALID_MORE * random())),
      reserved: spec.filled < 1 && spec.startsInDays > 0 ? Math.round(entries * RESERVED_SHARE) : 0,
      blank: entries > 500 ? 20 : 0,
      imported: spec.massImport ?? 0,
    }),
  };
}

/** Far dates are moved by some weeks each: no season has all its races and launches on one day. */
function spread(spec: EventSpec, random: Random): EventSpec {
  const { startsInDays, sellsInMinutes } = spec;
  const weeks = between(random, 0, 9);
  const longOnSale = sellsInMinutes !== undefined && sellsInMinutes < -14 * 24 * 60;
  return {
    ...spec,
    startsInDays: startsInDays > 100 ? startsInDays + 7 * weeks : startsInDays,
    ...(longOnSale &&
      spec.shops.length === 0 && {
        sellsInMinutes: sellsInMinutes - between(random, 0, 14 * 24) * 60,
      }),
  };
}

const isEntry = ({ category }: TypePlan) => category === "Race" || category === "Charity";

function timesOf(spec: EventSpec, days: readonly Date[], now: Date) {
  const [first = now] = days;
  const last = days.at(-1) ?? first;
  const inMinutes = (minutes: number | undefined) =>
    minutes === undefined ? undefined : roundToMinute(plus(now, minutes * MINUTE_MS));
  const sellStart = inMinutes(spec.sellsInMinutes);
  const start = localTime(first, 7, spec.timezone);
  const known = Math.min(sellStart?.getTime() ?? Infinity, now.getTime());
  return {
    createdAt: new Date(known - 28 * DAY_MS),
    start,
    end: localTime(last, 21, spec.timezone),
    sellStart,
    sellEnd: sellStart && (inMinutes(spec.sellEndsInMinutes) ?? plus(start, -7 * DAY_MS)),
    visibleAfter: inMinutes(spec.visibleAfterInMinutes),
  };
}

const roundToMinute = (at: Date) => new Date(Math.round(at.getTime() / MINUTE_MS) * MINUTE_MS);

const amountOf = (types: readonly TypePlan[], ...categories: Category[]) =>
  types.reduce((sum, type) => sum + (categories.includes(type.category) ? type.amount : 0), 0);

function categoryAmounts({ categories }: EventSpec, types: readonly TypePlan[]) {
  if (categories === "none") return {};
  const tight = categories === "tight" ? TIGHT : 1;
  return {
    Race: Math.round(amountOf(types, "Race") * tight),
    Charity: amountOf(types, "Charity"),
    Spectator: amountOf(types, "Spectator"),
  };
}

/** A shop of its own for some of the race types; its last row is switched off. */
function underShop(
  shop: ShopSpec,
  types: readonly TypePlan[],
  eventId: string,
  now: Date,
): UnderShop {
  const id = idFrom(eventId, "shop", shop.name);
  const covered = types.filter(({ category }) => category === "Race").slice(0, 5);
  const at = (minutes: number | undefined) =>
    minutes === undefined ? undefined : roundToMinute(plus(now, minutes * MINUTE_MS)).toISOString();
  const sellStart = at(shop.opensInMinutes);
  const sellEnd = at(shop.closesInMinutes);
  return {
    _id: id,
    name: shop.name,
    active: true,
    tickets: covered.map((type, index) => ({
      _id: idFrom(id, type.id),
      baseTicket: type.id,
      name: type.name,
      price: type.price,
      amount: Math.max(1, Math.round(type.amount * shop.share)),
      active: covered.length === 1 || index < covered.length - 1,
    })),
    ...(sellStart && { sellStart }),
    ...(sellEnd && { sellEnd }),
    maxAmountPerOrder: 4,
    minAmountPerOrder: 1,
    customerTags: [shop.tag],
    inventoryStrategy: shop.strategy,
    unlockMode: "couponCode",
  };
}

interface SalesFrame {
  now: Date;
  random: Random;
  start: Date;
  createdAt: Date;
  sellStart?: Date | undefined;
  sellEnd?: Date | undefined;
}

function plannedSales(
  spec: EventSpec,
  types: readonly TypePlan[],
  shops: readonly UnderShop[],
  frame: SalesFrame,
): Sale[] {
  const through = spec.shops.flatMap((shop, index) => shopSales(shop, shops[index], types, frame));
  const { sellStart, now, random, start } = frame;
  if (!sellStart || sellStart > now) return through;
  const until = new Date(Math.min(now.getTime(), frame.sellEnd?.getTime() ?? Infinity));
  const demand = demandOf(random, {
    ...{ from: sellStart, timezone: spec.timezone },
    until: frame.sellEnd ?? start,
  });
  const sale = { from: sellStart, until, come: demand.by(until), demand };
  // What a shop that shares the stock has sold is no longer there to be sold directly.
  const sharing = shops.filter(({ inventoryStrategy }) => inventoryStrategy !== "independent");
  const gone = (type: TypePlan) =>
    through
      .filter((one) => one.type.id === type.id)
      .filter((one) => sharing.some(({ _id }) => _id === one.shop?.id))
      .reduce((sum, { count }) => sum + count, 0);
  const direct = types
    .filter(isEntry)
    .map((type) => directSale(type, { spec, random, gone: gone(type), ...sale }));
  const entries = direct.reduce((sum, { count }) => sum + count, 0);
  // Who looks back on singles wants their entries alone.
  if (spec.divisions === "singles") return direct;
  return [...through, ...direct, ...sidelines(types, entries, sale)];
}

interface Selling {
  from: Date;
  until: Date;
  demand: Demand;
  /** The share of the demand that has come. */
  come: number;
}

/** One that is wanted more than there is of it is sold out early, by itself. */
function directSale(
  type: TypePlan,
  { spec, random, gone, ...sale }: Selling & { spec: EventSpec; random: Random; gone: number },
): Sale {
  if (spec.demand === undefined) {
    const count = Math.max(0, share(type.amount, spec.filled, random) - gone);
    return { type, count, ...sold(sale, spec.filled < 1 ? 1 : 0.2 + 0.7 * random()) };
  }
  const wanted = Math.round(type.amount * spec.demand * sale.come * (0.7 + 0.6 * random()));
  const places = Math.floor(type.amount * placesShare(spec));
  const count = Math.max(0, Math.min(places, wanted) - gone);
  return { type, count, ...sold(sale, places / Math.max(places, wanted)) };
}

/** Of the types' amounts, what their category and their event let through; guests take places of the event's too. */
const placesShare = ({ categories, maxAmountShare = Infinity }: EventSpec) =>
  Math.min(categories === "tight" ? TIGHT : 1, maxAmountShare / GUESTS);

/** Sold as people came, up to where this share of them had come. */
const sold = ({ from, until, demand, come }: Selling, share = 1) => ({
  ...{ from, until },
  moment: (random: Random) => demand.when(random() * come * share),
});

/** About `filled` of the amount, a little more or less by type; never above it. */
const share = (amount: number, filled: number, random: Random) =>
  filled >= 1 ? amount : Math.min(amount, Math.round(amount * filled * (0.8 + 0.4 * random())));

function sidelines(types: readonly TypePlan[], entries: number, sale: Selling): Sale[] {
  const spectators = types.filter(({ category, active }) => category === "Spectator" && active);
  const extras = types.filter(
    ({ category, partnerOf }) => category === "Extras" && partnerOf === undefined,
  );
  const of = (list: TypePlan[], count: number) =>
    list.map((type) => ({ type, count: Math.min(type.amount, Math.round(count)), ...sold(sale) }));
  return [
    ...of(spectators, (entries * 0.15) / Math.max(1, spectators.length)),
    ...of(extras, entries * PHOTO_SHARE),
  ];
}

function shopSales(
  spec: ShopSpec,
  shop: UnderShop | undefined,
  types: readonly TypePlan[],
  { now, createdAt, sellStart }: SalesFrame,
): Sale[] {
  const from = shop?.sellStart ? new Date(shop.sellStart) : (sellStart ?? createdAt);
  const until = new Date(Math.min(now.getTime(), Date.parse(shop?.sellEnd ?? now.toISOString())));
  if (!shop || from > now) return [];
  return shop.tickets.flatMap(({ baseTicket, amount, price, active }) => {
    const type = types.find(({ id }) => id === baseTicket);
    if (!type || !active) return [];
    const opened = until > from ? from : plus(until, -6 * HOUR_MS);
    return [
      {
        type,
        count: Math.round(amount * spec.filled),
        from: opened,
        until,
        shop: { id: shop._id, price },
      },
    ];
  });
}
