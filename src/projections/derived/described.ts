import type { TicketType, UnderShop } from "../../contracts/index.ts";
import { dayAt } from "../../lib/zones.ts";
import { kindOfField } from "../../rules/changed-fields.ts";
import {
  type Change,
  changesBetween,
  type EventForChanges,
} from "../../rules/description-changes.ts";
import { toMajor } from "../../rules/money.ts";
import type { ClassPolicy } from "../../rules/type-changes.ts";
import type { Head, Known, Step } from "./event-past.ts";
import type { FoundChange } from "./found-change.ts";

interface Version extends EventForChanges {
  currency: string | null;
}

/**
 * What changed between each two neighbouring descriptions of an event. They are in their own order and
 * not in that of their arrival. What one says of a thing holds until another says otherwise; the head
 * says what there is.
 */
export function describedChanges(
  known: Known,
  steps: readonly Step[],
  policy: ClassPolicy,
): FoundChange[] {
  const types = new Map(known.types.map((type) => [type.ticketTypeId, type]));
  const shops = new Map(known.shops.map((shop) => [shop.underShopId, shop]));
  let { head } = known;
  let older = head && versionOf(head, types, shops);
  const found: FoundChange[] = [];
  for (const { at: originAt, described } of steps)
    for (const one of described) {
      head = one.heads.at(-1) ?? head;
      for (const type of one.types) types.set(type.ticketTypeId, type);
      for (const shop of one.shops) shops.set(shop.underShopId, shop);
      if (!head) continue;
      const newer = versionOf(head, types, shops);
      const changes = older ? changesBetween(older, newer, policy, dayAt) : [];
      for (const change of changes)
        found.push({
          originAt,
          changedAt: one.observedAt,
          source: one.source,
          changeType: change.subject,
          severity: change.severity,
          subjectId: change.subjectId,
          subjectName: change.subjectName,
          fieldName: nameOf(change),
          field: fieldOf(change, changes),
          previousValue: inMajor(change, change.previousValue, newer.currency),
          newValue: inMajor(change, change.newValue, newer.currency),
          currency: change.field === "priceMinor" ? newer.currency : null,
          isInstant: kindOfField(change.field) === "instant",
        });
      older = newer;
    }
  return found;
}

const versionOf = (
  head: Head,
  types: ReadonlyMap<string, TicketType>,
  shops: ReadonlyMap<string, UnderShop>,
): Version => ({
  ...head,
  ticketTypes: head.ticketTypeIds.flatMap((id) => types.get(id) ?? []),
  underShops: head.underShopIds.flatMap((id) => shops.get(id) ?? []),
});

const nameOf = ({ field }: Change) => (field === "priceMinor" ? "price" : field);

/** Names are what people know; two that are alike are told apart by their ids. */
function fieldOf(change: Change, all: readonly Change[]) {
  const field = nameOf(change);
  if (change.subjectId === null) return field;
  const isTwin = all.some(
    (other) =>
      other.subject === change.subject &&
      other.field === change.field &&
      other.subjectName === change.subjectName &&
      other.subjectId !== change.subjectId,
  );
  const name = change.subjectName ?? change.subjectId;
  return `${field} of ${isTwin ? `${name} (${change.subjectId})` : name}`;
}

const inMajor = ({ field }: Change, value: Change["newValue"], currency: string | null) =>
  field === "priceMinor" && typeof value === "number" && currency !== null
    ? toMajor(value, currency)
    : value;
