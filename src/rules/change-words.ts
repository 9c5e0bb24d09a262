import type { ChangedFieldName } from "./changed-fields.ts";

/** What a changed field is called where people read of it. */
export const fieldWords: Record<ChangedFieldName, string> = {
  sellStart: "Sales start",
  sellEnd: "Sales end",
  start: "Race start",
  end: "Race end",
  visibleAfter: "Shown from",
  hideInListing: "Left out of the listing",
  name: "Name",
  eventType: "Kind of event",
  maxAmount: "Most places",
  active: "Switched on",
  amount: "Amount",
  price: "Price",
  category: "Category",
  class: "Class",
  added: "Added",
  removed: "Removed",
  available: "Left",
  availableToBuy: "Left to buy",
  percentSold: "Percent sold",
};

/** What became of places, by the kind of the change. */
export const placesWords = {
  nearlySoldOut: "nearly sold out",
  soldOut: "sold out",
  paused: "paused",
  reopened: "open again",
} as const;

const words: ReadonlyMap<string, string> = new Map(Object.entries(fieldWords));
const ofPlaces: ReadonlyMap<string, string> = new Map(Object.entries(placesWords));

/** `Sales start of an undershop`, `Ticket type added`, `Sold out`: whatever the values are. */
export function changeWords({ changeType, fieldName }: { changeType: string; fieldName: string }) {
  const places = ofPlaces.get(changeType);
  if (places) return capitalized(places);
  const field = words.get(fieldName) ?? fieldName;
  const subject = changeType === "underShop" ? "undershop" : "ticket type";
  if (fieldName === "added" || fieldName === "removed")
    return capitalized(`${subject} ${fieldName}`);
  if (changeType === "category") return `${field} of a category`;
  return changeType === "underShop" ? `${field} of an undershop` : field;
}

const capitalized = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
