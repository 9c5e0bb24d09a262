const HOUR_MS = 3_600_000;
/** Today is so many hours of the season away from its first: most of it is on sale, whatever day it is. */
const BEGAN_AGO = 1_000;
const BEGAN_AT = Math.floor(Date.now() / (24 * HOUR_MS)) * 24 * HOUR_MS - BEGAN_AGO * HOUR_MS;

/** So many hours after the season's first. */
export const at = (hour: number) => new Date(BEGAN_AT + hour * HOUR_MS).toISOString();
export const idOf = (n: number) =>
  `68f00000000000000000${(1_000 + n).toString(16).padStart(4, "0")}`;

/** Each is another one before the season. */
const day = (n: number) => new Date(Date.UTC(1900, 0, 1 + n)).toISOString().slice(0, 10);
const moment = (n: number) => new Date(Date.UTC(2020, 0, 1) + n).toISOString();

export interface KindOfRead {
  path: (n: number, events: number) => string;
  /** Nobody asks for it hundreds of times a second: one in so many of the rate. */
  oneIn?: number;
  /** No statement answers it. */
  isWithoutFloor?: true;
}

export const kinds: Record<string, KindOfRead> = {
  list: { path: () => "/api/events?limit=50" },
  // As after a written row: each is a question that nobody has asked, with the same answer.
  "list made anew": { path: (n) => `/api/events?limit=50&from=${day(n)}` },
  "list of a status": { path: () => "/api/events?limit=50&status=on_sale" },
  "list by pace": { path: () => "/api/events?limit=50&sort=-last24Hours", isWithoutFloor: true },
  "list of a status made anew": {
    path: (n) => `/api/events?limit=50&status=on_sale&from=${day(n)}`,
  },
  event: { path: (n, events) => `/api/events/${idOf((n * 37) % events)}` },
  "ticket types": { path: () => "/api/ticket-types?limit=200" },
  sales: { path: (n, events) => `/api/sales?eventId=${idOf((n * 37) % events)}` },
  changes: { path: () => "/api/changes?limit=100" },
  "changes made anew": { path: (n) => `/api/changes?limit=100&since=${moment(n)}` },
  "as of an instant": { path: () => `/api/events?limit=50&as_of=${at(31)}` },
  // Each of another instant: nothing of it is kept.
  "as of instants": {
    path: (n) => `/api/events?limit=50&as_of=${at(31 + (n + 1) / 3_600)}`,
    oneIn: 100,
  },
  "ticket types as of an instant": {
    path: () => `/api/ticket-types?limit=200&as_of=${at(31)}`,
    isWithoutFloor: true,
  },
  CSV: { path: () => "/api/ticket-types?format=csv", oneIn: 250 },
  unchanged: { path: () => "/api/ticket-types?limit=200" },
};

/** Not at a rate, but at once. */
export const WORKBOOKS = "workbooks";

export const readNames = [...Object.keys(kinds), WORKBOOKS];
