/** What a changed value is: how it is read, and which of its own fields of an answer holds it. */
export const valueKinds = ["instant", "money", "places", "percent", "text", "flag"] as const;
export type ValueKind = (typeof valueKinds)[number];

/**
 * Everything that a change can be a change of, by its plain name. `added` and `removed` have the ticket
 * type's name as their value.
 */
export const changedFields = {
  sellStart: "instant",
  sellEnd: "instant",
  start: "instant",
  end: "instant",
  visibleAfter: "instant",
  hideInListing: "flag",
  name: "text",
  eventType: "text",
  maxAmount: "places",
  active: "flag",
  amount: "places",
  price: "money",
  category: "text",
  class: "text",
  added: "text",
  removed: "text",
  available: "places",
  availableToBuy: "places",
  percentSold: "percent",
} as const satisfies Record<string, ValueKind>;

export type ChangedFieldName = keyof typeof changedFields;

const kinds: ReadonlyMap<string, ValueKind> = new Map(Object.entries(changedFields));

export const kindOfField = (field: string): ValueKind => kinds.get(field) ?? "text";
