import type { PendingQuery, Row } from "postgres";
import type { Sql } from "../../database/connect.ts";
import { type EventInRows, readEventsInRows } from "../tables/event-state.ts";
import { NOTHING, type Past, type Step } from "./event-past.ts";
import { type NewestRows, newestOf } from "./newest-rows.ts";
import {
  historiesOfAll,
  historiesOfOthers,
  type Looked,
  lookUpPasts,
  readFormerCategories,
} from "./past-rows.ts";
import { type Window, windowsOf } from "./windows.ts";

/**
 * Of each event what was known and what followed, in a few look-ups for each ticket type however long its
 * history is.
 */
export async function readPasts(
  sql: Sql,
  windows: readonly Window[],
): Promise<(eventId: string) => Past> {
  if (windows.length === 0) return () => ({ known: NOTHING, steps: [] });
  const [{ pastOf }, formerOf] = await Promise.all([
    lookUpPasts(sql, windowsOf(sql, windows), historiesOfAll(sql)),
    readFormerCategories(sql, windows),
  ]);
  return (eventId) => {
    const { known, steps } = pastOf(eventId);
    return { steps, known: { ...known, formerCategories: formerOf(eventId) } };
  };
}

/** Of windows that reach to the end, by a table `past` of the caller's. It is asked for at once. */
export const lookUpNewest = (sql: Sql, past: PendingQuery<Row[]>): Promise<Looked> =>
  lookUpPasts(sql, past, historiesOfOthers(sql));

interface AtHand {
  rows?: Promise<ReadonlyMap<string, EventInRows>> | undefined;
  /** Of these windows. */
  looked?: Looked | undefined;
}

/**
 * The same for windows that reach to the end, in look-ups for those ticket types alone that became
 * otherwise since: what all others are now they were at the window's beginning. Only for who holds the
 * events' locks, for rows (those at hand, or else they are read) and history are of one moment then.
 */
export async function readNewestPasts(
  sql: Sql,
  windows: readonly Window[],
  { rows: given, looked }: AtHand = {},
): Promise<(eventId: string) => Past> {
  if (windows.length === 0) return () => ({ known: NOTHING, steps: [] });
  // PostgreSQL looks these up while rows are made of what is at hand.
  const [{ pastOf }, rowsOf] = await Promise.all([
    looked ?? lookUpNewest(sql, windowsOf(sql, windows)),
    rowsAtHand(),
  ]);
  const headChanged = windows.filter(({ eventId }) => pastOf(eventId).steps.some(namesHead));
  const [formerOf, undescribed] = await Promise.all([
    readFormerCategories(sql, headChanged),
    // What was counted and never described is in no row.
    readPasts(
      sql,
      windows.filter(({ eventId }) => !rowsOf.has(eventId)),
    ),
  ]);
  const changed = new Set(headChanged.map(({ eventId }) => eventId));
  return (eventId) => {
    const past = pastOf(eventId);
    const rows = rowsOf.get(eventId);
    if (!rows) return undescribed(eventId);
    const newest = newestOf(rows);
    const formerCategories = changed.has(eventId) ? formerOf(eventId) : newest.formerCategories;
    return {
      steps: past.steps,
      known: { ...past.known, ...notOtherwise(past, newest), formerCategories },
    };
  };

  async function rowsAtHand() {
    const atHand = (await given) ?? new Map<string, EventInRows>();
    const unread = windows.flatMap(({ eventId }) => (atHand.has(eventId) ? [] : eventId));
    const read = unread.length > 0 ? await readEventsInRows(sql, unread) : [];
    return new Map([...atHand, ...read.map((one) => [one.event.eventId, one] as const)]);
  }
}

const namesHead = ({ described }: Step) => described.some(({ heads }) => heads.length > 0);

/** What was known, and of what the steps do not name what is so now. */
function notOtherwise({ known, steps }: Past, newest: NewestRows) {
  const described = steps.flatMap((step) => step.described);
  const types = new Set(described.flatMap((one) => one.types.map((type) => type.ticketTypeId)));
  const shops = new Set(described.flatMap((one) => one.shops.map((shop) => shop.underShopId)));
  const counts = new Set(steps.flatMap((step) => step.counts.map((count) => count.ticketTypeId)));
  return {
    types: [...known.types, ...newest.types.filter(({ ticketTypeId }) => !types.has(ticketTypeId))],
    shops: [...known.shops, ...newest.shops.filter(({ underShopId }) => !shops.has(underShopId))],
    counts: [
      ...known.counts,
      ...newest.counts.filter(({ ticketTypeId }) => !counts.has(ticketTypeId)),
    ],
  };
}
