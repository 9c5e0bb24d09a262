import { DATED, FRENCH, GERMAN, htc, PLACES, PLAIN } from "./places.ts";
import type { EventSpec, OtherSpec } from "./spec.ts";

type Place = keyof typeof PLACES;

const HOUR = 60;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

const event = (
  place: Place,
  name: string,
  spec: Pick<EventSpec, "startsInDays" | "places" | "filled"> & Partial<EventSpec>,
): EventSpec => ({
  ...PLACES[place],
  key: place,
  name,
  days: 2,
  divisions: "full",
  names: PLAIN,
  categories: "sums",
  shops: [],
  ...spec,
});

/** On sale for a while: many places, so that a season that sells live lasts for days. */
const onSale = (place: Place, name: string, spec: Partial<EventSpec> = {}) =>
  event(place, name, {
    startsInDays: 130,
    sellsInMinutes: -3 * WEEK,
    places: 5200,
    filled: 0.15,
    ...spec,
  });

const announced = (place: Place, name: string, inMinutes: number, spec: Partial<EventSpec> = {}) =>
  event(place, name, {
    startsInDays: 190,
    sellsInMinutes: inMinutes,
    places: 4200,
    filled: 0,
    ...spec,
  });

const ended = (place: Place, name: string, daysAgo: number, spec: Partial<EventSpec> = {}) =>
  event(place, name, {
    startsInDays: -daysAgo,
    sellsInMinutes: -(daysAgo + 150) * DAY,
    places: 900,
    filled: 0.94,
    ...spec,
  });

const DACH_AND_FRANCE = [
  onSale("berlin", "HYROX Berlin {year}", {
    days: 3,
    names: GERMAN,
    places: 8000,
    massImport: 1200,
    shops: [
      htc("BERLIN", { opensInMinutes: -4 * WEEK, closesInMinutes: -3 * WEEK }),
      { ...htc("BERLIN"), name: "Partner contingent", tag: "PARTNERACCESS", share: 0.03 },
    ],
  }),
  announced("hamburg", "HYROX Hamburg {year}", 2 * DAY, {
    names: GERMAN,
    shops: [
      htc("HAMBURG", {
        opensInMinutes: -5 * HOUR,
        closesInMinutes: 2 * DAY - HOUR,
        share: 0.25,
        filled: 0.35,
      }),
    ],
  }),
  ended("vienna", "HYROX Vienna {year}", 30, { names: GERMAN }),
  announced("cologne", "HYROX Köln {year}", 3, { days: 3, categories: "none" }),
  onSale("grandPalais", "HYROX PARISGRANDPALAIS {year}", {
    days: 3,
    names: FRENCH,
    places: 7400,
    categories: "none",
  }),
  onSale("lyon", "HYROX Lyon {year}", { names: FRENCH, filled: 0.2 }),
  ended("nice", "HYROX Nice", 75, { names: FRENCH, divisions: "compact" }),
  announced("bordeaux", "HYROX Bordeaux {year}", 5 * DAY, { names: FRENCH }),
  event("toulouse", "HYROX Toulouse {year}", {
    startsInDays: 240,
    places: 2600,
    filled: 0,
    names: FRENCH,
    hidden: true,
  }),
];

const ITALY_BENELUX_AND_SWITZERLAND = [
  onSale("milan", "HYROX Milano {year}", { days: 3, places: 6800, filled: 0.12 }),
  ended("rimini", "HYROX Rimini {year}", 120),
  event("turin", "HYROX Torino {year}", {
    startsInDays: 60,
    sellsInMinutes: -6 * WEEK,
    places: 1100,
    filled: 1,
    shops: [htc("TORINO", { strategy: "global", filled: 1, closesInMinutes: -6 * WEEK })],
  }),
  announced("rome", "HYROX Roma {year}", 12 * DAY, { hidden: true, visibleAfterInMinutes: -DAY }),
  onSale("amsterdam", "HYROX Amsterdam {year}", { days: 3, names: DATED, categories: "tight" }),
  ended("rotterdam", "HYROX Rotterdam {year}", 45, { names: DATED }),
  onSale("maastricht", "HYROX Maastricht {year}", {
    startsInDays: 40,
    places: 1500,
    filled: 0.92,
    divisions: "compact",
  }),
  announced("utrecht", "HYROX Utrecht {year}", 25, { categories: "none" }),
  onSale("mechelen", "HYROX Mechelen {year}", { days: 1, names: FRENCH, places: 3000 }),
  onSale("geneva", "HYROX Genève {year}", { names: FRENCH, places: 3600 }),
  announced("zurich", "HYROX Zürich {year}", DAY, { names: GERMAN }),
];

const AMERICAS = [
  onSale("newYork", "HYROX New York {year}", {
    days: 3,
    places: 9000,
    filled: 0.11,
    shops: [htc("NYC", { strategy: "global", opensInMinutes: -4 * WEEK, closesInMinutes: WEEK })],
  }),
  ended("chicago", "HYROX Chicago {year}", 20, { places: 1300 }),
  onSale("dallas", "HYROX Dallas", { names: DATED, partnersByNameOnly: true, places: 4400 }),
  onSale("miami", "LEGENDZ HYROX Miami Beach", { days: 1, places: 2400, filled: 0.3 }),
  event("lasVegas", "HYROX Las Vegas {year}", {
    startsInDays: 9,
    sellsInMinutes: -20 * WEEK,
    sellEndsInMinutes: -2 * DAY,
    places: 1000,
    filled: 0.88,
  }),
  announced("washington", "HYROX Washington D.C. {year}", 3 * WEEK),
  onSale("phoenix", "HYROX Phoenix {year}", { filled: 0.13 }),
  announced("anaheim", "HYROX Anaheim {year}", 5 * WEEK, { hidden: true }),
  event("tampa", "HYROX Tampa {year}", {
    startsInDays: -1,
    days: 3,
    sellsInMinutes: -24 * WEEK,
    sellEndsInMinutes: -4 * DAY,
    places: 900,
    filled: 0.97,
  }),
  onSale("toronto", "HYROX Toronto {year}", { filled: 0.18, names: DATED }),
  announced("vancouver", "HYROX Vancouver {year}", 2 * HOUR),
];

const AUSTRALIA_AND_NORWAY = [
  onSale("sydney", "HYROX Sydney {year}", { days: 3, filled: 0.16 }),
  ended("melbourne", "HYROX Melbourne {year}", 15, { names: DATED }),
  onSale("brisbane", "HYROX Brisbane {year}", { names: DATED, places: 3800 }),
  onSale("auckland", "HYROX Auckland {year}", { places: 3400, filled: 0.22 }),
  onSale("oslo", "HYROX Oslo {year}", { places: 3200, filled: 0.2 }),
  onSale("stockholm", "HYROX Stockholm {year}", { days: 3, filled: 0.14 }),
  onSale("copenhagen", "HYROX Copenhagen {year}", { places: 3600, maxAmountShare: 0.7 }),
];

/** 38, to which the two events with real figures come. */
export const EVENTS: readonly EventSpec[] = [
  ...DACH_AND_FRANCE,
  ...ITALY_BENELUX_AND_SWITZERLAND,
  ...AMERICAS,
  ...AUSTRALIA_AND_NORWAY,
];

/** What a test needs and no more: one of each kind, a few tickets each. */
export const SMALL_EVENTS: readonly EventSpec[] = [
  onSale("berlin", "HYROX Berlin {year}", {
    days: 1,
    divisions: "compact",
    names: GERMAN,
    places: 200,
    filled: 0.3,
    shops: [htc("BERLIN", { opensInMinutes: -4 * WEEK, closesInMinutes: -3 * WEEK })],
  }),
  announced("hamburg", "HYROX Hamburg {year}", 2 * DAY, {
    days: 1,
    divisions: "compact",
    places: 200,
    shops: [
      htc("HAMBURG", { opensInMinutes: -HOUR, closesInMinutes: DAY, share: 0.2, filled: 0.3 }),
    ],
  }),
  ended("nice", "HYROX Nice", 75, { days: 1, names: FRENCH, divisions: "compact", places: 60 }),
  onSale("auckland", "HYROX Auckland {year}", {
    days: 1,
    divisions: "compact",
    places: 100,
    filled: 0.5,
  }),
];

const other = (
  place: Place,
  key: string,
  name: string,
  spec: Pick<OtherSpec, "typeName" | "price" | "amount" | "sold" | "startsInDays">,
): OtherSpec => ({ ...PLACES[place], key, name, ...spec });

/** Five events that the service has to leave out by their names. */
export const OTHER_EVENTS: readonly OtherSpec[] = [
  other("berlin", "gift-card-dach", "Geschenkgutschein", {
    typeName: "Gutschein 100",
    price: 100,
    amount: 5000,
    sold: 140,
    startsInDays: 400,
  }),
  other("hamburg", "volunteers-hamburg", "Volunteer Meeting Hamburg", {
    typeName: "VOLUNTEER | Saturday",
    price: 0,
    amount: 300,
    sold: 60,
    startsInDays: 180,
  }),
  other("lyon", "volunteers-lyon", "Réunion des bénévoles Lyon", {
    typeName: "BÉNÉVOLE",
    price: 0,
    amount: 200,
    sold: 45,
    startsInDays: 120,
  }),
  other("newYork", "gift-card-usa", "Gift Card", {
    typeName: "Gift Card $150",
    price: 150,
    amount: 5000,
    sold: 220,
    startsInDays: 400,
  }),
  other("sydney", "harbour-race", "Harbour Trail Race 10K", {
    typeName: "RACE ENTRY 10K",
    price: 65,
    amount: 900,
    sold: 310,
    startsInDays: 50,
  }),
];
