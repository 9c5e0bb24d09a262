import type { Category, TicketType } from "../contracts/index.ts";
import { classOfCategory, classOfName } from "./class-of-name.ts";

export { classOfName } from "./class-of-name.ts";

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
> &
  Partial<Pick<TicketType, "categoryRef">>;

export type CategoryForClass = Pick<Category, "ref" | "name">;

export type Overrides = Readonly<Record<string, TicketClass>>;

export interface Verdict {
  class: TicketClass;
  /** Why somebody has to say what it is; null where its structure, its name or the operator does. */
  unclear: string | null;
}

/**
 * What each ticket type is: what the operator says it is, else what its structure says, else its name.
 * The totals are made of classes that have to be earned: what nothing speaks for is `other`. Of types that
 * are not among these, for only their tickets are known, the operator's word is all there is.
 */
export const classify = (
  types: readonly TicketTypeForClass[],
  overrides: Overrides = {},
  categories: readonly CategoryForClass[] | CategoriesOfType = [],
): Map<string, TicketClass> =>
  new Map([
    ...Object.entries(overrides),
    ...types.map((type): [string, TicketClass] => {
      const { ticketTypeId: id } = type;
      const known = typeof categories === "function" ? categories(id) : categories;
      return [id, verdictOf(type, { overrides, categories: known }).class];
    }),
  ]);

/** A type that is gone goes on being what it was when it was described, whatever became of its category. */
export type CategoriesOfType = (ticketTypeId: string) => readonly CategoryForClass[];

export interface Known {
  overrides?: Overrides | undefined;
  categories: readonly CategoryForClass[];
}

export function verdictOf(
  type: TicketTypeForClass,
  { overrides = {}, categories }: Known,
): Verdict {
  const said = overrideOf(type.ticketTypeId, overrides);
  if (said !== undefined) return certain(said);
  if (isPartnerPlace(type)) return certain("secondary");
  const named = classOfName(type.name);
  const category = categories.find(({ ref }) => ref === type.categoryRef)?.name ?? "";
  const grouped = classOfCategory(category);
  // A name is more exact than its category, but for the one class that everything is near to.
  if (named !== "other" && named !== "race") return certain(named);
  if (grouped === "other" || grouped === named)
    return named === "other" ? unknown("neither its name nor its category says") : certain(named);
  if (named === "race") return ofRaceNamed(grouped, category);
  if (isEntry(grouped) && !isSoldOpenly(type))
    return unknown(`it is in the category "${category}", but is not sold like an entry`);
  return certain(grouped);
}

/** Its name says race; its category says something else. */
function ofRaceNamed(grouped: TicketClass, category: string): Verdict {
  if (grouped === "charity") return certain(grouped);
  return {
    class: grouped,
    unclear: `its name says race, and it is in the category "${category}"`,
  };
}

const certain = (ticketClass: TicketClass): Verdict => ({ class: ticketClass, unclear: null });
const unknown = (unclear: string): Verdict => ({ class: "other", unclear });

/** Whoever holds one starts in a race. */
const isEntry = (ticketClass: TicketClass) =>
  ["race", "charity", "corporate", "youngstar"].includes(ticketClass);

/** The price is null until the currency is known, and a price that is not known is not a price of 0. */
const isPartnerPlace = (type: TicketTypeForClass) =>
  type.autoAdded ||
  (type.ignoreForMaxAmounts &&
    (type.priceMinor === 0 || type.conditionalAvailability || type.hiddenInSelectionArea));

const isSoldOpenly = (type: TicketTypeForClass) =>
  type.priceMinor !== 0 &&
  !type.ignoreForMaxAmounts &&
  !type.conditionalAvailability &&
  !type.hiddenInSelectionArea;

const overrideOf = (ticketTypeId: string, overrides: Overrides) =>
  Object.hasOwn(overrides, ticketTypeId) ? overrides[ticketTypeId] : undefined;
