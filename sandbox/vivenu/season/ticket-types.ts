import { idFrom } from "../ids.ts";
import { longDate, weekdayOf } from "./calendar.ts";
import type { EventSpec, NameStyle } from "./spec.ts";

export type Category = "Race" | "Charity" | "Spectator" | "Extras";

export interface TypePlan {
  id: string;
  name: string;
  category: Category;
  price: number;
  amount: number;
  active: boolean;
  /** The free tickets that come with one of this type. */
  partner?: { typeId: string; name: string; count: number };
  /** The type whose free tickets these are. */
  partnerOf?: string;
}

interface Division {
  name: string;
  /** Of the event's race places. */
  share: number;
  /** Times the price of a single. */
  price: number;
  /** Days on which it is raced, counted from 0; a day that the event lacks is its last. */
  days: readonly number[];
  compact?: boolean;
}

const DIVISIONS: readonly Division[] = [
  { name: "HYROX MEN", share: 0.2, price: 1, days: [0, 1], compact: true },
  { name: "HYROX WOMEN", share: 0.16, price: 1, days: [1, 2], compact: true },
  { name: "HYROX PRO MEN", share: 0.05, price: 1.08, days: [2], compact: true },
  { name: "HYROX PRO WOMEN", share: 0.03, price: 1.08, days: [2], compact: true },
  { name: "HYROX DOUBLES MEN", share: 0.13, price: 1.84, days: [0, 2], compact: true },
  { name: "HYROX DOUBLES WOMEN", share: 0.14, price: 1.84, days: [1], compact: true },
  { name: "HYROX DOUBLES MIXED", share: 0.2, price: 1.84, days: [1], compact: true },
  { name: "HYROX PRO DOUBLES MEN", share: 0.04, price: 1.95, days: [0] },
  { name: "HYROX PRO DOUBLES WOMEN", share: 0.02, price: 1.95, days: [0] },
  { name: "HYROX MENS RELAY", share: 0.01, price: 3.35, days: [2] },
  { name: "HYROX WOMENS RELAY", share: 0.01, price: 3.35, days: [2] },
  { name: "HYROX MIXED RELAY", share: 0.01, price: 3.35, days: [2], compact: true },
  { name: "HYROX ADAPTIVE MEN", share: 0, price: 1, days: [0] },
  { name: "HYROX ADAPTIVE WOMEN", share: 0, price: 1, days: [2], compact: true },
  { name: "HYROX YOUNGSTARS 8-11", share: 0.005, price: 0.3, days: [2] },
  { name: "CORPORATE RELAY", share: 0.005, price: 4.2, days: [0] },
];

const CHARITY = [
  ["HYROX MEN", 0.012],
  ["HYROX WOMEN", 0.012],
  ["HYROX DOUBLES MIXED", 0.008],
  ["HYROX DOUBLES WOMEN", 0.006],
  ["HYROX MIXED RELAY", 0.002],
] as const;

const ADAPTIVE_PLACES = 10;
const DUMMY_AMOUNT = 10_000;

const EXTRAS = [
  ["Sportograf Photo Package", 24.99],
  ["Event Parking", 15],
  ["Finisher Patch", 9.5],
] as const;

/** 15 to 60 types, named and numbered as `spec` says; the same ids for the same seed. */
export function ticketTypes(spec: EventSpec, eventId: string, days: readonly Date[]): TypePlan[] {
  const id = (name: string) => idFrom(eventId, "ticket type", name);
  const primary = [...raceTypes(spec, days), ...charityTypes(spec, days), ...guests(spec, days)];
  const blank = (index: number) => (spec.names.trailingBlanks && index % 7 === 3 ? " " : "");
  const planned = primary.map((type, index) => ({
    ...type,
    id: id(type.name),
    name: type.name + blank(index),
  }));
  return [...withPartners(planned, spec.names, eventId), ...extras(eventId)];
}

type Draft = Omit<TypePlan, "id">;

function raceTypes(spec: EventSpec, days: readonly Date[]): Draft[] {
  const divisions = DIVISIONS.filter((division) => isPlayed(division, spec));
  const shares = divisions.reduce((sum, { share }) => sum + share, 0);
  const all = spec.divisions === "singles" ? shares : 1;
  return divisions.flatMap(({ name, share, price, days: raced }) => {
    const on = [...new Set(raced.map((day) => Math.min(day, days.length - 1)))];
    return on.map((day) => ({
      name: withDay(divisionName(name, spec.names), days[day], spec),
      category: "Race" as const,
      price: rounded(spec.price * price, spec.currency),
      amount:
        share === 0
          ? ADAPTIVE_PLACES
          : Math.max(4, Math.round((spec.places * share) / all / on.length)),
      active: true,
    }));
  });
}

const isPlayed = ({ name, share, compact }: Division, { divisions }: EventSpec) =>
  divisions === "singles"
    ? share > 0.01 && partnersOf(name) === 0
    : compact || divisions === "full";

/** The last ones are fewer, and pairs or teams. */
const charities = { full: CHARITY.length, compact: 3, singles: 2 };

function charityTypes(spec: EventSpec, days: readonly Date[]): Draft[] {
  const mirrored = CHARITY.slice(0, charities[spec.divisions]);
  return mirrored.map(([division, share], index) => {
    const name = withDay(divisionName(division, spec.names), days[index % days.length], spec);
    return {
      name: spec.names.charity === "before" ? `CHARITY | ${name}` : `${name} | CHARITY Good Cause`,
      category: "Charity",
      price: rounded(spec.price * (division.includes("DOUBLES") ? 3.2 : 2.1), spec.currency),
      amount: Math.max(3, Math.round(spec.places * share)),
      active: true,
    };
  });
}

function guests(spec: EventSpec, days: readonly Date[]): Draft[] {
  const { spectator } = spec.names;
  const type = (name: string, price: number): Draft => ({
    name,
    category: "Spectator",
    price: rounded(price, spec.currency),
    amount: 2000,
    active: true,
  });
  const perDay = days.map((day) =>
    type(
      spectator === "Spectators"
        ? `Spectators ${longDate(day)}`
        : `${spectator} | ${weekdayOf(day)}`,
      spec.price * 0.13,
    ),
  );
  const all = days.length > 1 ? [type(`${spectator} | All days`, spec.price * 0.25)] : [];
  const retired = { ...type("COACH PASS", spec.price * 0.2), active: false };
  return [...perDay, ...all, retired];
}

const divisionName = (name: string, { relay }: NameStyle) =>
  relay === "MEN RELAY" ? name.replace(/(WO)?MENS RELAY/, "$1MEN RELAY") : name;

function withDay(name: string, day: Date | undefined, { names: { days } }: EventSpec) {
  if (!day || days === "none") return name;
  const date = days === "weekdayAndDate" ? `, ${longDate(day)}` : "";
  return `${name} | ${weekdayOf(day)}${date}`;
}

/** Crowns have no halves worth printing; other prices end on .0 or .5. */
const rounded = (price: number, currency: string) =>
  ["NOK", "SEK", "DKK"].includes(currency) ? Math.round(price) : Math.round(price * 2) / 2;

/** How many free tickets come with one paid entry: a second athlete, three more of a team. */
const partnersOf = (name: string) =>
  name.includes("DOUBLES") ? 1 : name.includes("RELAY") ? 3 : 0;

export function withPartners(
  types: readonly TypePlan[],
  names: Pick<NameStyle, "partner" | "members">,
  eventId: string,
): TypePlan[] {
  return types.flatMap((type) => {
    const count = partnersOf(type.name);
    if (count === 0) return [type];
    const typeId = idFrom(eventId, "partner type", type.id);
    const name = partnerName(type.name, count === 1 ? names.partner : names.members);
    return [
      { ...type, partner: { typeId, name, count } },
      {
        id: typeId,
        name,
        category: "Extras",
        price: 0,
        amount: DUMMY_AMOUNT,
        active: true,
        partnerOf: type.id,
      },
    ];
  });
}

/** "HYROX DOUBLES MEN | ATHLETE 2 | Friday" */
const partnerName = (name: string, who: string) =>
  name
    .split("|")
    .map((part) => part.trim())
    .flatMap((part) => (partnersOf(part) ? [part, who] : [part]))
    .join(" | ");

export const extras = (eventId: string): TypePlan[] =>
  EXTRAS.map(([name, price]) => ({
    id: idFrom(eventId, "extra", name),
    name,
    category: "Extras",
    price,
    amount: DUMMY_AMOUNT,
    active: true,
  }));
