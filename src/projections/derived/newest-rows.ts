import type { Category, TicketType, UnderShop } from "../../contracts/index.ts";
import type { CountForCapacity } from "../../rules/capacity.ts";
import type { EventInRows, ShopColumns } from "../tables/event-state.ts";
import { countOf } from "./event-past.ts";

/** What an event's things are now, as facts say it. */
export interface NewestRows {
  types: TicketType[];
  shops: UnderShop[];
  counts: CountForCapacity[];
  /** Of ticket types that are gone and were in a category: the event's when it last had them. */
  formerCategories: ReadonlyMap<string, Category[]>;
}

/** An event's rows in the words of the facts that they were made of. */
export const newestOf = ({ types, shops, sales, formerCategories }: EventInRows): NewestRows => ({
  types,
  shops: shops.map(shopOf),
  counts: sales.map(countOf),
  formerCategories,
});

const shopOf = ({
  eventId: _eventId,
  sellStart,
  sellEnd,
  categoryAmounts,
  ...shop
}: ShopColumns): UnderShop => ({
  ...shop,
  ...(categoryAmounts && { categoryAmounts }),
  sellStart: sellStart?.toISOString() ?? null,
  sellEnd: sellEnd?.toISOString() ?? null,
});
