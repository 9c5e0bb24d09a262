import type { Severity } from "../../rules/severity.ts";

/** What somebody can be told of, and how grave it is where no change says that. */
export const kinds = {
  launchSet: { title: "Launch date set" },
  launchMoved: { title: "Launch moved" },
  salesOpened: { title: "Sales opened", severity: "high" },
  nearlySoldOut: { title: "Nearly sold out" },
  soldOut: { title: "Sold out" },
  paused: { title: "Sale paused" },
  reopened: { title: "Places again" },
  placesAdded: { title: "Places added" },
  priceChanged: { title: "Price changed" },
  cancelled: { title: "Cancelled", severity: "critical" },
  postponed: { title: "Postponed" },
  restored: { title: "Not cancelled any more", severity: "high" },
  forecastMoved: { title: "Sell-out forecast moved", severity: "medium" },
  keyRefused: { title: "Vivenu refuses the account's key", severity: "critical" },
  numbersOld: { title: "Numbers are older than a day", severity: "high" },
} as const satisfies Record<string, { title: string; severity?: Severity }>;

export type Kind = keyof typeof kinds;

// The cast: `Object.keys` forgets what the keys are.
export const kindNames = Object.keys(kinds) as [Kind, ...Kind[]];

/** What of an event it is; what is no event's is an account's. */
export const subjects = ["event", "ticketType", "shop", "account"] as const;
export type Subject = (typeof subjects)[number];
