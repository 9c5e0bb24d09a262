import type { Category } from "../contracts/index.ts";
import {
  type Overrides,
  type TicketClass,
  type TicketTypeForClass,
  verdictOf,
} from "./classify.ts";
import type { Change, ChangedValue, Pair } from "./description-changes.ts";
import { nameSeverity } from "./name-change.ts";
import type { Severity } from "./severity.ts";
import { plainWords } from "./words.ts";

/** What ticket types are, and of which of these the totals are made. */
export interface ClassPolicy {
  countedClasses: readonly TicketClass[];
  overrides?: Overrides | undefined;
}

export interface TypeForChanges extends TicketTypeForClass {
  active: boolean;
  amount: number;
}

interface Surroundings {
  categories: { older: readonly Category[]; newer: readonly Category[] };
  policy: ClassPolicy;
}

const typeValues = ["active", "amount", "priceMinor"] as const;

export function typeChanges(
  { id, older, newer }: Pair<TypeForChanges>,
  { categories, policy }: Surroundings,
): Change[] {
  const subjectName = (newer ?? older)?.name ?? null;
  const change = (
    field: Change["field"],
    previousValue: ChangedValue,
    newValue: ChangedValue,
    severity: Severity = "medium",
  ): Change => ({
    subject: "ticketType",
    subjectId: id,
    subjectName,
    field,
    previousValue,
    newValue,
    severity,
  });
  const calledSeverity = (type: TypeForChanges, before: string) =>
    isExtra(type, categories, policy) ? "medium" : nameSeverity(before, type.name);
  if (!older)
    return [change("added", null, subjectName, newer ? calledSeverity(newer, "") : "medium")];
  if (!newer) return [change("removed", subjectName, null)];

  const reclassed = reclassedBetween(older, newer, { categories, policy });
  const moved = movedBetween(older, newer, categories);
  const values = typeValues
    .filter((field) => older[field] !== newer[field] && !isPriceUnknown(field, older, newer))
    .map((field) => change(field, older[field], newer[field]));
  // What a name's words say is looked at where it is another: an event has hundreds of types.
  const renamed = () =>
    reclassed?.severity === "critical" ? "critical" : calledSeverity(newer, older.name);
  return [
    ...values,
    ...(isRenamed(older, newer) ? [change("name", older.name, newer.name, renamed())] : []),
    ...(moved ? [change("category", moved.from, moved.to, moved.severity)] : []),
    ...(reclassed ? [change("class", reclassed.from, reclassed.to, reclassed.severity)] : []),
  ];
}

/** An insurance against it may be called after what it insures against. */
const isExtra = (
  type: TypeForChanges,
  categories: Surroundings["categories"],
  { overrides }: ClassPolicy,
) => verdictOf(type, { overrides, categories: categories.newer }).class === "addon";

/** A blank or an accent more is no other name. */
const isRenamed = (older: TypeForChanges, newer: TypeForChanges) =>
  older.name !== newer.name && plainWords(older.name) !== plainWords(newer.name);

/** It became something else, by whatever was changed: grave where the totals hold what it was or is. */
function reclassedBetween(
  older: TypeForChanges,
  newer: TypeForChanges,
  { categories, policy: { countedClasses, overrides } }: Surroundings,
) {
  if (isClassedAlike(older, newer, categories)) return undefined;
  const from = verdictOf(older, { overrides, categories: categories.older }).class;
  const to = verdictOf(newer, { overrides, categories: categories.newer }).class;
  if (from === to) return undefined;
  const isOfTotals = countedClasses.includes(from) || countedClasses.includes(to);
  const severity: Severity = isOfTotals ? "critical" : "medium";
  return { from, to, severity };
}

/** Most types are in most versions what they were, and a long history has many of both. */
const isClassedAlike = (
  older: TypeForChanges,
  newer: TypeForChanges,
  categories: Surroundings["categories"],
) =>
  classedBy.every((field) => older[field] === newer[field]) &&
  nameOf(older.categoryRef ?? null, categories.older) ===
    nameOf(newer.categoryRef ?? null, categories.newer);

const classedBy = [
  "name",
  "priceMinor",
  "categoryRef",
  "autoAdded",
  "ignoreForMaxAmounts",
  "conditionalAvailability",
  "hiddenInSelectionArea",
] as const satisfies (keyof TypeForChanges)[];

/**
 * Categories are known by name. Who makes them anew moves nothing: each type is in a category of the
 * same name, and the one that it was in is gone.
 */
function movedBetween(
  older: TypeForChanges,
  newer: TypeForChanges,
  categories: Surroundings["categories"],
) {
  const [one, other] = [older.categoryRef ?? null, newer.categoryRef ?? null];
  if (one === other) return undefined;
  const from = nameOf(one, categories.older);
  const to = nameOf(other, categories.newer);
  const isStillThere = categories.newer.some(({ ref }) => ref === one);
  if (from === to && !isStillThere) return undefined;
  const severity: Severity = one !== null && other !== null ? "critical" : "medium";
  return { from, to, severity };
}

const nameOf = (wanted: string | null, categories: readonly Category[]) =>
  categories.find(({ ref }) => ref === wanted)?.name || wanted;

/** A price is null until the currency is learned, and learning it changes no price. */
const isPriceUnknown = (
  field: (typeof typeValues)[number],
  older: TypeForChanges,
  newer: TypeForChanges,
) => field === "priceMinor" && (older.priceMinor === null || newer.priceMinor === null);
