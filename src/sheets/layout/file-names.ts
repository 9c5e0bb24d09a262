import type { TabName } from "./layout.ts";

export const fileNames: Record<TabName, string> = {
  events: "events.csv",
  ticketTypes: "ticket-types.csv",
  overview: "overview.csv",
  underShops: "undershops.csv",
  allChanges: "changes.csv",
  changes: "sales-date-changes.csv",
  salesByDay: "sales-by-day.csv",
  status: "status.csv",
};

export const downloadNames = ["vivenu.xlsx", ...Object.values(fileNames)];
