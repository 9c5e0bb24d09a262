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

export const WORKBOOK = "vivenu.xlsx";

/** Files that there are where these tabs are shown, in the order of all. */
export const downloadNames = (tabs: readonly TabName[]) => [
  WORKBOOK,
  ...Object.entries(fileNames).flatMap(([tab, name]) =>
    tabs.some((one) => one === tab) ? [name] : [],
  ),
];
