import type { Severity } from "../rules/description-changes.ts";

/** What somebody can be told of, and how grave it is where nothing else says so. */
export const kinds = {
  launchSet: { title: "Launch date set", severity: "medium" },
  launchMoved: { title: "Launch moved", severity: "critical" },
  salesOpened: { title: "Sales opened", severity: "high" },
  nearlySoldOut: { title: "Nearly sold out", severity: "medium" },
  soldOut: { title: "Sold out", severity: "high" },
  paused: { title: "Sale paused", severity: "high" },
  reopened: { title: "Places again", severity: "high" },
  placesAdded: { title: "Places added", severity: "medium" },
  priceChanged: { title: "Price changed", severity: "medium" },
  cancelled: { title: "Cancelled", severity: "critical" },
  postponed: { title: "Postponed", severity: "critical" },
  forecastMoved: { title: "Sell-out forecast moved", severity: "medium" },
  keyRefused: { title: "Vivenu refuses the account's key", severity: "critical" },
  numbersOld: { title: "Numbers are older than a day", severity: "high" },
} as const satisfies Record<string, { title: string; severity: Severity }>;

export type Kind = keyof typeof kinds;

// The cast: `Object.keys` forgets what the keys are.
export const kindNames = Object.keys(kinds) as [Kind, ...Kind[]];

export const severityNames = ["medium", "high", "critical"] as const satisfies Severity[];

/** Whether the first is as grave as the second. */
export const isAsGrave = (one: Severity, other: Severity) =>
  severityNames.indexOf(one) >= severityNames.indexOf(other);

export const gravest = (all: readonly Severity[]): Severity =>
  all.reduce<Severity>((most, one) => (isAsGrave(one, most) ? one : most), "medium");

/** What of an event it is; what is no event's is an account's. */
export const subjects = ["event", "ticketType", "shop", "account"] as const;
export type Subject = (typeof subjects)[number];
