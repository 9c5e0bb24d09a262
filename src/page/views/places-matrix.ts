import type { TicketTypeRow } from "../../projections/queries/row-types.ts";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const DAY = new RegExp(`\\b(${DAYS.join("|")})\\b`, "i");

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
  const found = DAY.exec(ticketName)?.[1]?.toLowerCase();
  const day = DAYS.find((name) => name.toLowerCase() === found) ?? "";
  if (kind === "charity") return { day, division: "Charity" };
  const words = ticketName
    .replace(DAY, "")
    .replace(/^\s*HYROX\b/i, "")
    .split(/[|–—-]/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .join(", ");
  return { day, division: words === "" ? ticketName : sentenceCase(words) };
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
    ...{ types, capacity, sold, available: sum((type) => type.available) },
    percentSold: capacity && sold !== null ? (sold / capacity) * 100 : null,
  };
}
