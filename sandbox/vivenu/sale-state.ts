import type { EventDocument, UnderShop } from "./documents.ts";

export type SaleState = "draft" | "planned" | "presale" | "on sale" | "closed" | "past";

/** What an event's own times say; whether anything is left is the stock's to tell. */
export function saleState(document: EventDocument, at: Date): SaleState {
  const now = at.getTime();
  const { end, sellStart, sellEnd = end } = document;
  if (now >= Date.parse(end)) return "past";
  if (sellStart === undefined || !document.tickets.some(({ active }) => active)) return "draft";
  if (now < Date.parse(sellStart)) return openShop(document, at) ? "presale" : "planned";
  return now < Date.parse(sellEnd) ? "on sale" : "closed";
}

/** A shop that sells now, ahead of the public sale or beside it. */
export const openShop = ({ underShops }: EventDocument, at: Date): UnderShop | undefined =>
  underShops.find(
    ({ active, sellStart, sellEnd }) =>
      active &&
      sellStart !== undefined &&
      sellEnd !== undefined &&
      at.getTime() >= Date.parse(sellStart) &&
      at.getTime() < Date.parse(sellEnd),
  );
