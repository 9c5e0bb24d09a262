import type { UnderShop } from "../contracts/index.ts";
import { hasCome, type InstantLike } from "./instant.ts";

export type StatusName =
  | "CANCELLED"
  | "ENDED"
  | "DRAFT"
  | "ANNOUNCED"
  | "ON_SALE"
  | "PAUSED"
  | "SOLD_OUT"
  | "SALES_CLOSED"
  | "GROUP";

export interface UnderShopForStatus extends Pick<UnderShop, "active"> {
  sellStart: InstantLike | null;
  sellEnd: InstantLike | null;
}

export interface EventForStatus {
  /** Gone from its account, or called off by the operator. */
  deleted: boolean;
  /** It holds other events, and these have a status of their sales. */
  isParent: boolean;
  end: InstantLike;
  sellStart: InstantLike | null;
  sellEnd: InstantLike | null;
  visibleAfter: InstantLike | null;
  hideInListing: boolean;
  anyActiveType: boolean;
  underShops: readonly UnderShopForStatus[];
  /** Race entries left; null where the event was never counted or has no race entries to sell. */
  availability: number | null;
  /** Of these, what ticket types that are switched on leave; null where that is not known. */
  availableToBuy: number | null;
  percentSold: number | null;
}

export interface EventStatus {
  status: StatusName;
  /** Not yet on public sale, but an undershop sells already. */
  presale: boolean;
  /** On sale, with few places left. */
  limited: boolean;
  /** Nothing was left, also where sales have closed since. */
  soldOut: boolean;
}

/** From this percentage on an event that is on sale is `limited`. */
const limitedFromPercent = 80;

/** What an event's status is at `now`. It changes with time alone, so it is never stored. */
export function statusOf(event: EventForStatus, now: Date): EventStatus {
  const status = nameOf(event, now);
  return {
    status,
    presale: status === "ANNOUNCED" && event.underShops.some((shop) => isOpen(shop, event, now)),
    limited: status === "ON_SALE" && (event.percentSold ?? 0) >= limitedFromPercent,
    soldOut: salesHaveBegun.includes(status) && nothingLeft(event),
  };
}

const salesHaveBegun: readonly StatusName[] = ["SOLD_OUT", "SALES_CLOSED", "ENDED"];

/** Within its sale's window, so that a ticket type that is switched on and has places can be bought. */
export const isSaleOpen = ({ status }: Pick<EventStatus, "status">) =>
  statusNamesOfOpenSales.includes(status);

export const statusNamesOfOpenSales: readonly StatusName[] = ["ON_SALE", "PAUSED", "SOLD_OUT"];

/** The first rule that fits, so their order matters. */
function nameOf(event: EventForStatus, now: Date): StatusName {
  if (event.deleted) return "CANCELLED";
  if (hasCome(event.end, now)) return "ENDED";
  if (event.isParent) return "GROUP";
  if (isDraft(event, now)) return "DRAFT";
  if (!hasCome(event.sellStart, now)) return "ANNOUNCED";
  if (hasCome(event.sellEnd, now)) return "SALES_CLOSED";
  if (nothingLeft(event)) return "SOLD_OUT";
  return nothingToBuy(event) ? "PAUSED" : "ON_SALE";
}

function isDraft(event: EventForStatus, now: Date) {
  if (!event.anyActiveType || event.sellStart === null) return true;
  const isHidden = event.hideInListing && !hasCome(event.visibleAfter, now);
  return isHidden && !hasCome(event.sellStart, now);
}

const nothingLeft = ({ availability }: EventForStatus) =>
  availability !== null && availability <= 0;

/** Places are left, and all in ticket types that are switched off. */
const nothingToBuy = ({ availableToBuy }: EventForStatus) =>
  availableToBuy !== null && availableToBuy <= 0;

/** A shop without an end of its own sells until the event's sale ends. */
const isOpen = (shop: UnderShopForStatus, event: EventForStatus, now: Date) =>
  shop.active && hasCome(shop.sellStart, now) && !hasCome(shop.sellEnd ?? event.sellEnd, now);
