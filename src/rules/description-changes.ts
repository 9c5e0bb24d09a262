import type { Category, EventUpdated, UnderShop } from "../contracts/index.ts";
import { isSameInstant } from "./instant.ts";
import { isRoundedOtherwise, toMajor, toMinor } from "./money.ts";
import { nameSeverity } from "./name-change.ts";
import { isParent } from "./parents.ts";
import { type DayOf, launchSeverity, raceSeverity, type Severity } from "./severity.ts";
import { type ClassPolicy, type TypeForChanges, typeChanges } from "./type-changes.ts";

export type ChangedField =
  | (typeof eventInstants)[number]
  | (typeof eventValues)[number]
  | "maxAmount"
  | (typeof shopInstants)[number]
  | "active"
  | "amount"
  | "priceMinor"
  | "category"
  | "class"
  | "added"
  | "removed";

export interface Change {
  subject: "event" | "category" | "underShop" | "ticketType";
  /** The category's, the undershop's or the ticket type's; null where the event itself changed. */
  subjectId: string | null;
  subjectName: string | null;
  field: ChangedField;
  /** An instant as ISO text; for `added` and `removed` the ticket type's name. */
  previousValue: ChangedValue;
  newValue: ChangedValue;
  severity: Severity;
}

export type ChangedValue = string | number | boolean | null;

const eventInstants = ["sellStart", "sellEnd", "start", "end", "visibleAfter"] as const;
const eventValues = ["hideInListing", "name", "eventType"] as const;
const shopInstants = ["sellStart", "sellEnd"] as const;

/** An event as it was described, its parts put together. */
export type EventForChanges = Pick<
  EventUpdated,
  (typeof eventInstants)[number] | (typeof eventValues)[number] | "currency"
> & {
  timezone?: string | null | undefined;
  /** 0 and null both mean that there is no cap. */
  maxAmount?: number | null;
  categories?: readonly Category[];
  childEventIds?: readonly string[] | undefined;
  ticketTypes: readonly TypeForChanges[];
  underShops: readonly ShopForChanges[];
};

type ShopForChanges = Pick<UnderShop, "underShopId" | "name" | (typeof shopInstants)[number]> &
  Partial<Pick<UnderShop, "active" | "maxAmount">>;

/** What the newer description says that the older did not, whatever order each lists its parts in. */
export const changesBetween = (
  older: EventForChanges,
  newer: EventForChanges,
  policy: ClassPolicy,
  dayOf: DayOf,
): Change[] => [
  ...eventChanges(older, newer, dayOf),
  ...categoryChanges(older.categories ?? [], newer.categories ?? []),
  ...pairs(older.underShops, newer.underShops, (shop) => shop.underShopId).flatMap(shopChanges),
  ...pairs(older.ticketTypes, newer.ticketTypes, (type) => type.ticketTypeId).flatMap((pair) =>
    typeChanges(pricedAlike(pair, older.currency, newer.currency), {
      categories: { older: older.categories ?? [], newer: newer.categories ?? [] },
      policy,
    }),
  ),
];

/** That an event's currency is learned changes no price: 150 USD and 150 KRW differ in minor units only. */
function pricedAlike(
  pair: Pair<TypeForChanges>,
  before: string | null,
  currency: string | null,
): Pair<TypeForChanges> {
  const { older, newer } = pair;
  if (before === null || currency === null || before === currency) return pair;
  if (older?.priceMinor == null) return pair;
  const was = { minor: older.priceMinor, currency: before };
  const is = newer?.priceMinor == null ? undefined : { minor: newer.priceMinor, currency };
  const priceMinor =
    is && isRoundedOtherwise(was, is) ? is.minor : toMinor(toMajor(was.minor, before), currency);
  return { ...pair, older: { ...older, priceMinor } };
}

function eventChanges(older: EventForChanges, newer: EventForChanges, dayOf: DayOf): Change[] {
  const subject = { subject: "event", subjectId: null, subjectName: null } as const;
  const ofInstants = eventInstants
    .filter((field) => !isSameInstant(older[field], newer[field]))
    .map((field) => ({
      ...subject,
      ...changeOf(field, older[field], newer[field]),
      severity: instantSeverity(field, { older, newer, dayOf }),
    }));
  const ofValues = eventValues
    .filter((field) => older[field] !== newer[field])
    .map((field) => ({
      ...subject,
      ...changeOf(field, older[field], newer[field]),
      severity: valueSeverity(field, older, newer),
    }));
  const [before, after] = [older.maxAmount || null, newer.maxAmount || null];
  const ofCap = before === after ? [] : [{ ...subject, ...changeOf("maxAmount", before, after) }];
  return [...ofInstants, ...ofValues, ...ofCap];
}

/**
 * How many places a category has. One that comes or goes says nothing by itself: which ticket types are in it is
 * a change of theirs. Who makes categories anew has others of the same names.
 */
function categoryChanges(older: readonly Category[], newer: readonly Category[]): Change[] {
  const ofRef = (ref: string, all: readonly Category[]) => all.find((one) => one.ref === ref);
  return newer.flatMap(({ ref, name, amount }) => {
    const renewed = older.find((one) => one.name === name && !ofRef(one.ref, newer));
    const before = ofRef(ref, older) ?? renewed;
    return before && before.amount !== amount
      ? {
          ...({ subject: "category", subjectId: ref, subjectName: name } as const),
          ...changeOf("amount", before.amount, amount),
        }
      : [];
  });
}

function instantSeverity(
  field: (typeof eventInstants)[number],
  { older, newer, dayOf }: { older: EventForChanges; newer: EventForChanges; dayOf: DayOf },
): Severity {
  if (field === "sellStart") return launchSeverity(older.sellStart, newer.sellStart);
  if (field !== "start") return "medium";
  return raceSeverity(older.start, newer.start, (at) => dayOf(at, newer.timezone ?? null));
}

/** An event that comes to hold others leaves all sums, and its children are in them. */
function valueSeverity(
  field: (typeof eventValues)[number],
  older: EventForChanges,
  newer: EventForChanges,
): Severity {
  if (field === "name") return nameSeverity(older.name, newer.name);
  return field === "eventType" && isParent(older) !== isParent(newer) ? "critical" : "medium";
}

/** A shop that appears or vanishes opens or loses its window. */
function shopChanges({ id, older, newer }: Pair<ShopForChanges>): Change[] {
  const subject = {
    subject: "underShop",
    subjectId: id,
    subjectName: (newer ?? older)?.name ?? null,
  } as const;
  const ofWindow = shopInstants
    .map((field) => changeOf(field, older?.[field] ?? null, newer?.[field] ?? null))
    .filter((change) => !isSameInstant(change.previousValue, change.newValue))
    .map((change) => ({ ...subject, ...change }));
  if (!older || !newer) return ofWindow;
  const others = [
    changeOf("active", older.active ?? null, newer.active ?? null),
    changeOf("maxAmount", older.maxAmount || null, newer.maxAmount || null),
    {
      ...changeOf("name", older.name, newer.name),
      severity: nameSeverity(older.name, newer.name),
    },
  ];
  return [
    ...ofWindow,
    ...others
      .filter(({ previousValue, newValue }) => previousValue !== newValue)
      .map((change) => ({ ...subject, ...change })),
  ];
}

const changeOf = <Value extends ChangedValue>(
  field: ChangedField,
  previousValue: Value,
  newValue: Value,
) => ({ field, previousValue, newValue, severity: "medium" as const });

export interface Pair<Item> {
  id: string;
  older: Item | undefined;
  newer: Item | undefined;
}

function pairs<Item>(
  older: readonly Item[],
  newer: readonly Item[],
  idOf: (item: Item) => string,
): Pair<Item>[] {
  const before = new Map(older.map((item) => [idOf(item), item]));
  const after = new Map(newer.map((item) => [idOf(item), item]));
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .map((id) => ({ id, older: before.get(id), newer: after.get(id) }));
}
