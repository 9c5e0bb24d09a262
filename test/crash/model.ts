import { capacityOf } from "../../src/rules/capacity.ts";
import { classify } from "../../src/rules/classify.ts";
import type { Outside } from "../support/outside.ts";

/** What is read here of Vivenu's answers; nothing of the service's own reading is used. */
interface TicketTypeDocument {
  _id: string;
  name: string;
  amount: number;
  price: number;
  active: boolean;
  categoryRef?: string;
  ignoreForMaxAmounts?: boolean;
}

interface EventDocument {
  _id: string;
  name: string;
  eventType: string;
  start: string;
  end: string;
  sellStart?: string;
  sellEnd?: string;
  timezone: string;
  maxAmount?: number;
  categories?: { ref: string; name: string; amount?: number }[];
  tickets: TicketTypeDocument[];
  groups?: { _id: string; tickets: string[] }[];
  cartAutomationRules?: { thenTargets: { thenTargetGroup: string }[] }[];
  underShops?: {
    _id: string;
    active: boolean;
    inventoryStrategy: string;
    tickets: { baseTicket: string; amount?: number; active: boolean }[];
  }[];
}

interface TicketDocument {
  ticketTypeId: string;
  status: string;
  createdAt: string;
  origin?: string;
  underShopId?: string;
  currency?: string;
}

export interface ExpectedType {
  ticketTypeId: string;
  ticketName: string;
  capacity: number;
  price: number | null;
  active: boolean;
  sold: number;
  soldUnderShop: number;
  reserved: number;
  /** `2026-02-12T11 new_sale`: tickets sold now that were created in that hour. */
  hours: Record<string, number>;
}

export interface ExpectedEvent {
  eventId: string;
  region: string;
  eventName: string;
  eventDate: string;
  eventEndDate: string;
  timezone: string;
  salesLaunchDate: string | null;
  salesEndDate: string | null;
  currency: string | null;
  totalCapacity: number;
  totalSold: number | null;
  totalAvailable: number | null;
  percentSold: number | null;
  types: ExpectedType[];
}

export interface Model {
  events: ExpectedEvent[];
  /** Were there once, and the service was told. */
  deletedIds: string[];
}

/** What the rows have to say, from Vivenu's public API as it answers now. */
export async function readModel({ vivenu, sql }: Outside): Promise<Model> {
  const events: ExpectedEvent[] = [];
  for (const { region, apiKey } of vivenu.accounts) {
    const get = async <T>(path: string): Promise<T> => {
      const headers = { authorization: `Bearer ${apiKey}` };
      const response = await fetch(`${vivenu.url}${path}`, { headers });
      if (!response.ok) throw new Error(`the played Vivenu answered ${response.status} to ${path}`);
      // The cast: the played Vivenu's documents are held by its own tests.
      return (await response.json()) as T;
    };
    const seller = await get<{ currency: string }>("/api/sellers/me");
    const list = await get<{ rows: EventDocument[] }>("/api/events?top=1000&skip=0");
    const documents = list.rows.filter(({ name }) => /hyrox/i.test(name));
    const ticketsOf = new Map<string, TicketDocument[]>();
    for (const { _id } of documents) ticketsOf.set(_id, await readTickets(_id, get));
    const ofAccount = currenciesOf([...ticketsOf.values()].flat());
    for (const document of documents) {
      const tickets = ticketsOf.get(document._id) ?? [];
      const [named, ...others] = currenciesOf(tickets);
      const unsold = ofAccount.every((one) => one === seller.currency) ? seller.currency : null;
      const currency = others.length > 0 ? null : (named ?? unsold);
      events.push(expected(document, tickets, { region, currency }));
    }
  }
  const gone = await sql<{ id: string }[]>`
    select id from vivenu.event
    where deleted_at is not null and document ->> 'name' ilike '%hyrox%'
  `;
  return { events, deletedIds: gone.map(({ id }) => id).sort() };
}

const currenciesOf = (tickets: TicketDocument[]) => [
  ...new Set(tickets.flatMap(({ currency }) => currency ?? [])),
];

async function readTickets(eventId: string, get: <T>(path: string) => Promise<T>) {
  const tickets: TicketDocument[] = [];
  for (;;) {
    const page = await get<{ rows: TicketDocument[]; total: number }>(
      `/api/tickets?event=${eventId}&top=1000&skip=${tickets.length}`,
    );
    tickets.push(...page.rows);
    if (tickets.length >= page.total || page.rows.length === 0) return tickets;
  }
}

function expected(
  document: EventDocument,
  tickets: TicketDocument[],
  account: { region: string; currency: string | null },
): ExpectedEvent {
  const byType = Map.groupBy(tickets, ({ ticketTypeId }) => ticketTypeId);
  const types = document.tickets.map((type): ExpectedType => {
    const own = byType.get(type._id) ?? [];
    const sold = own.filter(({ status }) => status === "VALID" || status === "DETAILSREQUIRED");
    const hours: Record<string, number> = {};
    for (const { createdAt, origin } of sold) {
      const isReplacement = ["transfer", "rebooking", "upgrade"].includes(origin ?? "");
      const hour = `${createdAt.slice(0, 13)} ${isReplacement ? "replacement" : "new_sale"}`;
      hours[hour] = (hours[hour] ?? 0) + 1;
    }
    return {
      ticketTypeId: type._id,
      ticketName: type.name,
      capacity: type.amount,
      price: account.currency === null ? null : type.price,
      active: type.active,
      sold: sold.length,
      soldUnderShop: sold.filter(({ underShopId }) => underShopId).length,
      reserved: own.filter(({ status }) => status === "RESERVED").length,
      hours,
    };
  });
  return {
    eventId: document._id,
    eventName: document.name,
    eventDate: document.start,
    eventEndDate: document.end,
    timezone: document.timezone,
    salesLaunchDate: document.sellStart ?? null,
    salesEndDate: document.sellEnd ?? null,
    ...account,
    ...totalsOf(
      document,
      types.map((type) => {
        const tickets = byType.get(type.ticketTypeId);
        const soldByUnderShop = byShop(["VALID", "DETAILSREQUIRED"], tickets);
        return { ...type, soldByUnderShop, reservedByUnderShop: byShop(["RESERVED"], tickets) };
      }),
    ),
    types,
  };
}

const byShop = (statuses: string[], tickets: TicketDocument[] = []) => {
  const wanted = tickets.filter(({ status }) => statuses.includes(status));
  const through = Map.groupBy(wanted, ({ underShopId }) => underShopId ?? "");
  through.delete("");
  return Object.fromEntries([...through].map(([id, some]) => [id, some.length]));
};

/** Capacities are rules of their own, with tests of their own; what goes in is read here. */
function totalsOf(
  document: EventDocument,
  types: (ExpectedType &
    Record<"soldByUnderShop" | "reservedByUnderShop", Record<string, number>>)[],
) {
  const { underShops = [], groups = [], cartAutomationRules = [] } = document;
  const targets = cartAutomationRules.flatMap(({ thenTargets }) =>
    thenTargets.map(({ thenTargetGroup }) => thenTargetGroup),
  );
  const autoAdded = groups
    .filter(({ _id }) => targets.includes(_id))
    .flatMap((group) => group.tickets);
  const described = document.tickets.map((type) => ({
    ticketTypeId: type._id,
    name: type.name,
    amount: type.amount,
    priceMinor: Math.round(type.price * 100),
    autoAdded: autoAdded.includes(type._id),
    categoryRef: type.categoryRef ?? null,
    ignoreForMaxAmounts: type.ignoreForMaxAmounts ?? false,
    conditionalAvailability: false,
    hiddenInSelectionArea: false,
    active: type.active,
    removed: false,
    allocations: underShops.flatMap((shop) =>
      shop.tickets
        .filter(({ baseTicket }) => baseTicket === type._id)
        .map(({ amount, active }) => ({
          underShopId: shop._id,
          amount: amount ?? null,
          active: active && shop.active,
        })),
    ),
  }));
  const classes = classify(described, {}, document.categories);
  const event = {
    maxAmount: document.maxAmount ?? null,
    categories: (document.categories ?? []).map(({ ref, amount }) => ({
      ref,
      amount: amount ?? null,
    })),
    underShops: underShops.map(({ _id, inventoryStrategy }) => ({
      underShopId: _id,
      // The cast: the season has no other strategies.
      inventoryStrategy: inventoryStrategy as "dependent" | "independent",
    })),
    ticketTypes: described.map((type) => ({
      ...type,
      class: classes.get(type.ticketTypeId) ?? "other",
    })),
  };
  const { totalCapacity, totalSold, totalAvailable, percentSold } = capacityOf(event, types).totals;
  return { totalCapacity, totalSold, totalAvailable, percentSold };
}
