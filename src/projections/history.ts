import type { EventUpdated, TicketType, UnderShop } from "../contracts/index.ts";
import type { Pool } from "../database/connect.ts";
import { type Change, changesBetween, type EventForChanges } from "../rules/changes.ts";
import { toMajor } from "../rules/money.ts";
import type { ClassPolicy } from "../rules/type-changes.ts";
import { readTallies, type Tally } from "./event-past.ts";
import type { ChangedCell, ChangeRow } from "./row-types.ts";

interface Version extends EventForChanges {
  eventId: string;
  account: string;
  source: string;
  observedAt: Date;
  timezone: string | null;
  currency: string | null;
}

/** Of all events, or of one. */
export type ReadDescriptionChanges = (eventId?: string) => Promise<ChangeRow[]>;

/**
 * What changed between each two neighbouring versions of each event. Versions are in their own order
 * and not in that of their arrival. Of an event that has the same versions as at the last look, the
 * changes are remembered.
 */
export function descriptionChangesReader(sql: Pool, policy: ClassPolicy): ReadDescriptionChanges {
  const known = new Map<string, Known>();
  return async (eventId) => {
    // Read before the versions: one that comes in between is read again at the next look.
    const tallies = await readTallies(sql, eventId);
    const found = new Map<string, Known>();
    for (const tally of tallies) {
      const before = known.get(tally.eventId);
      if (before?.digest === tally.digest) found.set(tally.eventId, before);
    }
    const unread = tallies.filter((tally) => !found.has(tally.eventId));
    if (unread.length > 0) {
      const ids = unread.map((tally) => tally.eventId);
      const versions = Map.groupBy(await readVersions(sql, ids), (version) => version.eventId);
      for (const { eventId: id, digest } of unread)
        found.set(id, { digest, changes: changesOf(versions.get(id) ?? [], policy) });
    }
    if (eventId === undefined) known.clear();
    for (const [id, one] of found) known.set(id, one);
    return [...found.values()].flatMap(({ changes }) => changes);
  };
}

interface Known extends Pick<Tally, "digest"> {
  changes: ChangeRow[];
}

function changesOf(versions: Version[], policy: ClassPolicy): ChangeRow[] {
  const newest = versions.at(-1);
  return versions.slice(1).flatMap((newer, index) => {
    const older = versions[index];
    if (!older || !newest) return [];
    const changes = changesBetween(older, newer, policy);
    return changes.map((change) => rowOf(change, newer, newest, changes));
  });
}

function rowOf(change: Change, newer: Version, newest: Version, all: readonly Change[]): ChangeRow {
  const cell = (value: Change["newValue"]): ChangedCell => ({
    value: inMajor(change, value, newer.currency),
    isInstant: INSTANTS.has(change.field) && value !== null,
  });
  return {
    eventId: newer.eventId,
    eventName: newest.name,
    region: newest.account,
    timezone: newest.timezone,
    changeType: change.subject,
    field: fieldOf(change, all),
    previousValue: cell(change.previousValue),
    newValue: cell(change.newValue),
    changedAt: newer.observedAt.toISOString(),
    source: newer.source,
    severity: change.severity,
  };
}

const INSTANTS: ReadonlySet<string> = new Set([
  "sellStart",
  "sellEnd",
  "start",
  "end",
  "visibleAfter",
]);

/** Names are what people know; two that are alike are told apart by their ids. */
function fieldOf(change: Change, all: readonly Change[]) {
  const field = change.field === "priceMinor" ? "price" : change.field;
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

/** A description in parts is one version for each part, and each repeats the head and all ids. */
async function readVersions(sql: Pool, eventIds: string[]): Promise<Version[]> {
  const only = sql`where event_id = any(${eventIds}::text[])`;
  const [heads, types, shops] = await sql.begin("isolation level repeatable read read only", (tx) =>
    Promise.all([
      tx<HeadColumns[]>`
        select event_id, fact_key, version_at, observed_at, account, source, head
        from event_version ${only}
        order by event_id, version_at, observed_at, fact_key
      `,
      tx<ItemColumns<TicketType>[]>`
        select event_id, fact_key, content from ticket_type_version ${only}
        order by event_id, ticket_type_id, version_at, observed_at, fact_key
      `,
      tx<ItemColumns<UnderShop>[]>`
        select event_id, fact_key, content from under_shop_version ${only}
        order by event_id, under_shop_id, version_at, observed_at, fact_key
      `,
    ]),
  );
  const typesOf = Map.groupBy(types, keyOf);
  const shopsOf = Map.groupBy(shops, keyOf);
  return [...Map.groupBy(heads, ({ eventId }) => eventId).values()].flatMap((versions) =>
    together(versions, typesOf, shopsOf),
  );
}

interface HeadColumns {
  eventId: string;
  factKey: string;
  versionAt: Date;
  observedAt: Date;
  account: string;
  source: string;
  head: Omit<EventUpdated, "ticketTypes" | "underShops">;
}

interface ItemColumns<Item> {
  eventId: string;
  factKey: string;
  content: Item;
}

const keyOf = ({ eventId, factKey }: { eventId: string; factKey: string }) =>
  `${eventId} ${factKey}`;

/**
 * What a part says of some ticket types holds until another says otherwise; the head says which there
 * are. Parts of one description share its times, and only the last of them has seen all.
 */
function together(
  versions: HeadColumns[],
  typesOf: Map<string, ItemColumns<TicketType>[]>,
  shopsOf: Map<string, ItemColumns<UnderShop>[]>,
): Version[] {
  const types = new Map<string, TicketType>();
  const shops = new Map<string, UnderShop>();
  return versions.flatMap((version, index) => {
    for (const { content } of typesOf.get(keyOf(version)) ?? [])
      types.set(content.ticketTypeId, content);
    for (const { content } of shopsOf.get(keyOf(version)) ?? [])
      shops.set(content.underShopId, content);
    const { eventId, versionAt, observedAt, account, source, head } = version;
    const next = versions[index + 1];
    const isContinued =
      next?.versionAt.getTime() === versionAt.getTime() &&
      next.observedAt.getTime() === observedAt.getTime();
    if (isContinued) return [];
    const { name, sellStart, sellEnd, start, end, visibleAfter, hideInListing } = head;
    return [
      {
        ...{ name, sellStart, sellEnd, start, end, visibleAfter, hideInListing },
        ...{ eventId, account, source, observedAt },
        categories: head.categories,
        timezone: head.timezone,
        currency: head.currency,
        ticketTypes: head.ticketTypeIds.flatMap((id) => types.get(id) ?? []),
        underShops: head.underShopIds.flatMap((id) => shops.get(id) ?? []),
      },
    ];
  });
}
