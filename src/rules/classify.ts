import type { TicketType } from "../contracts/index.ts";

export const ticketClasses = [
  "race",
  "charity",
  "spectator",
  "secondary",
  "addon",
  "volunteer",
  "comp",
  "youngstar",
  "corporate",
  "coach",
  "other",
] as const;

export type TicketClass = (typeof ticketClasses)[number];

export type TicketTypeForClass = Pick<
  TicketType,
  | "ticketTypeId"
  | "name"
  | "priceMinor"
  | "autoAdded"
  | "ignoreForMaxAmounts"
  | "conditionalAvailability"
  | "hiddenInSelectionArea"
>;

/** What each ticket type is: what the operator says it is, else what its structure or its name says. */
export const classify = (
  types: readonly TicketTypeForClass[],
  overrides: Readonly<Record<string, TicketClass>> = {},
): Map<string, TicketClass> =>
  new Map(
    types.map((type) => [
      type.ticketTypeId,
      overrideOf(type.ticketTypeId, overrides) ??
        (isPartnerPlace(type) ? "secondary" : classOfName(type.name)),
    ]),
  );

/** What a ticket type's name says: the first rule that fits. */
export function classOfName(name: string): TicketClass {
  const words = wordsOf(name);
  return nameRules.find(([, pattern]) => pattern.test(words))?.[0] ?? "other";
}

/** The price is null until the currency is known, and a price that is not known is not a price of 0. */
const isPartnerPlace = (type: TicketTypeForClass) =>
  type.autoAdded ||
  (type.ignoreForMaxAmounts &&
    (type.priceMinor === 0 || type.conditionalAvailability || type.hiddenInSelectionArea));

/**
 * Read from the top: a partner's, a spectator's or an extra's name also names the division, so race
 * comes last. Charity stands above the words that may be part of a charity's own name ("friends of").
 */
const nameRules: readonly (readonly [TicketClass, RegExp])[] = [
  ["secondary", /\b(ATHLET(E|EN|ES|IN)? ?[2-4]|TEAM ?MEMBERS?|TEAM ?MITGLIED(ER)?)\b/],
  [
    "spectator",
    /\b(SPECTAT(OR|EUR|RICE)|SPETTAT(OR|RIC)|ZUSCHAUER|TOESCHOUWER|ESPECTADOR|TILSKUER|ASKADARE)/,
  ],
  [
    "addon",
    /\b(PHOTO|FOTO|SPORTOGRAF|MERCH|(T ?)?SHIRT|HOODIE|PARKING|PARKEN|PARKPLATZ|FLEX|ADD ?ON|DONATION|GIFT ?CARD|VOUCHER|GUTSCHEIN)/,
  ],
  ["charity", /\b(CHARITY|CHARITIES|CARITATI(F|VE)|BENEFIZ|BENEFICENZA)\b/],
  ["volunteer", /\b(VOLUNTEER|VOLONTA(IRE|RI)|BENEVOLE|HELFER|FREIWILLIGE|VRIJWILLIGER|VOLUNTARI)/],
  ["comp", /\b(COMPS?|COMPLIMENTARY|TRANSFERS?|FRIENDS?)\b/],
  ["youngstar", /\bYOUNG ?STARS?\b/],
  ["corporate", /\bCORPORATE\b/],
  ["coach", /\b(COACH(ES)?|GUESTS?)\b/],
  [
    "race",
    /\b(HYROX|WOMENS?|MENS?|MIXED|MIXTE|DOUBLES?|RELAYS?|RELAIS|STAFFEL|PRO|ADAPTIVE|ELITE ?(15)?|DAMEN|FRAUEN|HERREN|MANNER|FEMMES?|HOMMES?|DONNE|UOMINI)\b/,
  ],
];

/** A name as plain upper-case words: no accents, apostrophes, punctuation or trailing blanks. */
const wordsOf = (name: string) =>
  name
    .normalize("NFKD")
    .replace(/[\p{M}'’]/gu, "")
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

const overrideOf = (ticketTypeId: string, overrides: Readonly<Record<string, TicketClass>>) =>
  Object.hasOwn(overrides, ticketTypeId) ? overrides[ticketTypeId] : undefined;
