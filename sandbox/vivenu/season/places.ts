import type { EventSpec, NameStyle, ShopSpec } from "./spec.ts";

type Place = Pick<
  EventSpec,
  "region" | "city" | "venue" | "country" | "timezone" | "currency" | "price"
>;

const place = (
  region: string,
  [city, venue, country]: [string, string, string],
  timezone: string,
  [currency, price]: [string, number],
): Place => ({ region, city, venue, country, timezone, currency, price });

const BERLIN = "Europe/Berlin";
const PARIS = "Europe/Paris";
const ROME = "Europe/Rome";
const AMSTERDAM = "Europe/Amsterdam";
const BRUSSELS = "Europe/Brussels";
const ZURICH = "Europe/Zurich";
const EASTERN = "America/New_York";
const EUR: [string, number] = ["EUR", 119];
const CHF: [string, number] = ["CHF", 139];
const USD: [string, number] = ["USD", 159];
const CAD: [string, number] = ["CAD", 179];
const AUD: [string, number] = ["AUD", 189];

export const PLACES = {
  berlin: place("DACH", ["Berlin", "Hallen am Funkturm", "DE"], BERLIN, EUR),
  hamburg: place("DACH", ["Hamburg", "Hafenhalle 4", "DE"], BERLIN, EUR),
  vienna: place("DACH", ["Wien", "Donauhalle", "AT"], "Europe/Vienna", EUR),
  cologne: place("DACH", ["Köln", "Rheinhalle", "DE"], BERLIN, EUR),
  grandPalais: place("FRANCE", ["Paris", "Grand Palais", "FR"], PARIS, EUR),
  lyon: place("FRANCE", ["Lyon", "Halle des Confluences", "FR"], PARIS, EUR),
  nice: place("FRANCE", ["Nice", "Palais de la Baie", "FR"], PARIS, EUR),
  bordeaux: place("FRANCE", ["Bordeaux", "Hangar 14 bis", "FR"], PARIS, EUR),
  toulouse: place("FRANCE", ["Toulouse", "Halle Garonne", "FR"], PARIS, EUR),
  milan: place("ITALY", ["Milano", "Fiera Nord", "IT"], ROME, EUR),
  rimini: place("ITALY", ["Rimini", "Fiera Adriatica", "IT"], ROME, EUR),
  turin: place("ITALY", ["Torino", "Padiglione Sette", "IT"], ROME, EUR),
  rome: place("ITALY", ["Roma", "Padiglione Tiburtino", "IT"], ROME, EUR),
  amsterdam: place("BENELUX", ["Amsterdam", "Hal aan het IJ", "NL"], AMSTERDAM, EUR),
  rotterdam: place("BENELUX", ["Rotterdam", "Maashal", "NL"], AMSTERDAM, EUR),
  maastricht: place("BENELUX", ["Maastricht", "Hal Zuid", "NL"], AMSTERDAM, EUR),
  utrecht: place("BENELUX", ["Utrecht", "Domhal", "NL"], AMSTERDAM, EUR),
  mechelen: place("BENELUX", ["Mechelen", "Dijlehal", "BE"], BRUSSELS, EUR),
  geneva: place("SWITZERLAND", ["Genève", "Halle du Lac", "CH"], ZURICH, CHF),
  zurich: place("SWITZERLAND", ["Zürich", "Limmathalle", "CH"], ZURICH, CHF),
  newYork: place("USA", ["New York", "Pier Hall 9", "US"], EASTERN, USD),
  chicago: place("USA", ["Chicago", "Lakeside Hall", "US"], "America/Chicago", USD),
  dallas: place("USA", ["Dallas", "Trinity Hall", "US"], "America/Chicago", USD),
  miami: place("USA", ["Miami Beach", "Ocean Hall", "US"], EASTERN, USD),
  lasVegas: place("USA", ["Las Vegas", "Desert Hall", "US"], "America/Los_Angeles", USD),
  washington: place("USA", ["Washington", "Potomac Hall", "US"], EASTERN, USD),
  phoenix: place("USA", ["Phoenix", "Copper Hall", "US"], "America/Phoenix", USD),
  anaheim: place("USA", ["Anaheim", "Orange Hall", "US"], "America/Los_Angeles", USD),
  tampa: place("USA", ["Tampa", "Bay Hall", "US"], EASTERN, USD),
  toronto: place("CANADA", ["Toronto", "Lakefront Hall", "CA"], "America/Toronto", CAD),
  vancouver: place("CANADA", ["Vancouver", "Pacific Hall", "CA"], "America/Vancouver", CAD),
  sydney: place("AUSTRALIA", ["Sydney", "Harbour Hall", "AU"], "Australia/Sydney", AUD),
  melbourne: place("AUSTRALIA", ["Melbourne", "Yarra Hall", "AU"], "Australia/Melbourne", AUD),
  brisbane: place("AUSTRALIA", ["Brisbane", "River Hall", "AU"], "Australia/Brisbane", AUD),
  auckland: place("AUSTRALIA", ["Auckland", "Sails Hall", "NZ"], "Pacific/Auckland", ["NZD", 199]),
  oslo: place("NORWAY", ["Oslo", "Fjordhallen", "NO"], "Europe/Oslo", ["NOK", 1390]),
  stockholm: place("NORWAY", ["Stockholm", "Mälarhallen", "SE"], "Europe/Stockholm", ["SEK", 1390]),
  copenhagen: place("NORWAY", ["København", "Øresundhallen", "DK"], "Europe/Copenhagen", [
    "DKK",
    890,
  ]),
} as const;

export const PLAIN: NameStyle = {
  days: "weekday",
  relay: "MENS RELAY",
  spectator: "SPECTATOR",
  partner: "ATHLETE 2",
  members: "TEAM MEMBERS",
  charity: "before",
  trailingBlanks: false,
};
export const GERMAN: NameStyle = {
  ...PLAIN,
  spectator: "ZUSCHAUER",
  partner: "ATHLETEN 2",
  trailingBlanks: true,
};
export const FRENCH: NameStyle = {
  ...PLAIN,
  relay: "MEN RELAY",
  spectator: "Spectators",
  partner: "ATHLETE2",
  trailingBlanks: true,
};
export const DATED: NameStyle = {
  ...PLAIN,
  days: "weekdayAndDate",
  charity: "after",
  members: "TEAM MEMBER",
};

export const htc = (tag: string, shop: Partial<ShopSpec> = {}): ShopSpec => ({
  name: "HTC presale",
  tag: `HTCACCESS-${tag}`,
  strategy: "independent",
  share: 0.1,
  filled: 0.6,
  ...shop,
});
