import type { TicketTypeRow } from "../../projections/queries/row-types.ts";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
/** A day, and its date where one stands behind it: `Saturday`, `Sunday, 18 April 2027`. */
const DAY = new RegExp(
  `\\b(${DAYS.join("|")})\\b(?:,?\\s*\\d{1,2}\\.?\\s+\\p{L}+(?:\\s+20\\d\\d)?)?`,
  "iu",
);

/** What is left of a division on a day: of one ticket type, or of several together. */
export interface Place {
  types: TicketTypeRow[];
  capacity: number | null;
  sold: number | null;
  available: number | null;
  percentSold: number | null;
}

export interface PlacesMatrix {
  /** Days of the week, in the order of the event; an empty one for what names none. */
  days: string[];
  rows: { division: string; isCharity: boolean; places: (Place | undefined)[] }[];
}

/**
 * What the event's totals hold, by division and day, as organisers name their ticket types: `HYROX MEN |
 * Saturday`. Charity places are one row below the others, because they are given and not raced for.
 */
export function placesMatrix(all: readonly TicketTypeRow[], firstWeekday: number): PlacesMatrix {
  const types = all.filter((type) => type.inTotals && !type.removed);
  const keyed = types.map((type) => ({ type, ...partsOf(type) }));
  const used = new Set(keyed.map(({ day }) => day));
  const order = (day: string) => (day === "" ? 7 : (DAYS.indexOf(day) - firstWeekday + 7) % 7);
  const days = [...used].sort((one, other) => order(one) - order(other));
  const divisions = Map.groupBy(keyed, ({ division }) => division);
  const rows = [...divisions].map(([division, ofDivision]) => ({
    division,
    isCharity: ofDivision.every(({ type }) => type.class === "charity"),
    places: days.map((day) =>
      placeOf(ofDivision.filter((one) => one.day === day).map(({ type }) => type)),
    ),
  }));
  return {
    days,
    rows: [...rows.filter((row) => !row.isCharity), ...rows.filter((row) => row.isCharity)],
  };
}

function partsOf({ ticketName, class: kind }: TicketTypeRow) {
  const day = dayOf(ticketName);
  return { day, division: kind === "charity" ? "Charity" : divisionOf(ticketName) };
}

function dayOf(ticketName: string): string {
  const found = DAY.exec(ticketName)?.[1]?.toLowerCase();
  return DAYS.find((name) => name.toLowerCase() === found) ?? "";
}

function divisionOf(ticketName: string): string {
  const words = ticketName
    .replace(DAY, "")
    .split(/[|–—-]/)
    .map((part) => part.replace(/^\s*HYROX\b/i, "").replace(/^[\s,]+|[\s,]+$/g, ""))
    .filter((part) => part !== "")
    .join(", ");
  return words === "" ? ticketName : sentenceCase(words);
}

/** `Doubles men, Friday` of `HYROX DOUBLES MEN | Friday`: what tells it from the others of its event. */
export function shortTypeName(ticketName: string): string {
  const [division, day] = [divisionOf(ticketName), dayOf(ticketName)];
  return day === "" || division === ticketName ? division : `${division}, ${day}`;
}

/** Only what shouts is written otherwise. */
const sentenceCase = (text: string) =>
  text === text.toUpperCase() ? text.slice(0, 1) + text.slice(1).toLowerCase() : text;

function placeOf(types: TicketTypeRow[]): Place | undefined {
  const [only] = types;
  if (!only) return undefined;
  if (types.length === 1) {
    const { capacity, sold, available, percentSold } = only;
    return { types, capacity, sold, available, percentSold };
  }
  const sum = (of: (type: TicketTypeRow) => number | null) =>
    types.some((type) => of(type) === null)
      ? null
      : types.reduce((total, type) => total + (of(type) ?? 0), 0);
  const [capacity, sold] = [sum((type) => type.capacity), sum((type) => type.sold)];
  return {
    types,
    capacity,
    sold,
    available: sum((type) => type.available),
    percentSold: capacity && sold !== null ? (sold / capacity) * 100 : null,
  };
}
