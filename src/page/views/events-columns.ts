import type { pageSorts } from "./read-events.ts";

export interface Column {
  name: string;
  kind: string;
  /** By which the API sorts, and which way round first. */
  sort?: { by: keyof typeof pageSorts; isDescending: boolean };
}

export const columns: Column[] = [
  { name: "Event", kind: "name", sort: { by: "eventName", isDescending: false } },
  { name: "Race", kind: "race", sort: { by: "eventDate", isDescending: false } },
  { name: "Status", kind: "status", sort: { by: "status", isDescending: false } },
  { name: "Sold", kind: "share", sort: { by: "percentSold", isDescending: true } },
  { name: "Sold", kind: "number", sort: { by: "totalSold", isDescending: true } },
  { name: "Left", kind: "number", sort: { by: "totalAvailable", isDescending: false } },
  { name: "24 h", kind: "number", sort: { by: "last24Hours", isDescending: true } },
  { name: "7 days", kind: "number", sort: { by: "last7Days", isDescending: true } },
  { name: "vs usual", kind: "number", sort: { by: "vsUsual", isDescending: true } },
  { name: "Since launch", kind: "curve" },
  { name: "Sells out", kind: "out" },
];
