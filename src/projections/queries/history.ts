import type { EventUpdated, TicketType, UnderShop } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { knownZone } from "../../lib/zones.ts";
import { type Change, changesBetween, type EventForChanges } from "../../rules/changes.ts";
import { toMajor } from "../../rules/money.ts";
import type { ClassPolicy } from "../../rules/type-changes.ts";
import { compareOrders } from "../tables/change-history.ts";
import { orderOf } from "../tables/kept-history.ts";
import { readTallies, type Tally } from "./event-past.ts";
import { aloneOf, type OnEventFault } from "./row-faults.ts";
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
export function descriptionChangesReader(
  sql: Pool,
  policy: ClassPolicy,
  onFault?: OnEventFault,
): ReadDescriptionChanges {
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
      const versionsOf = await readVersions(sql, ids);
      for (const { eventId: id, digest } of unread) {
        const make = () => [{ digest, changes: changesOf(versionsOf(id), policy) }];
        // What was known of it is shown meanwhile, and it is read again at the next look.
        const before = { digest: "", changes: known.get(id)?.changes ?? [] };
        const [one = before] = aloneOf(id, make, onFault);
        found.set(id, one);
      }
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
    timezone: knownZone(newest.timezone),
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

/** What was said otherwise than before, by event. */
async function readVersions(sql: Pool, eventIds: string[]) {
  const only = sql`event_id = any(${eventIds}::text[])`;
  const [heads, types, shops, facts] = await sql.begin(
    "isolation level repeatable read read only",
    (tx) =>
      Promise.all([
        tx<RowColumns<Head>[]>`
          select event_id, version_at, observed_at, fact_key, content
          from event_head_version where ${only}
        `,
        tx<RowColumns<TicketType>[]>`
          select event_id, version_at, observed_at, fact_key, content
          from ticket_type_version where ${only}
        `,
        tx<RowColumns<UnderShop>[]>`
          select event_id, version_at, observed_at, fact_key, content
          from under_shop_version where ${only}
        `,
        tx<FactColumns[]>`
          select distinct on (event_id, version_at, observed_at)
            event_id, version_at, observed_at, source
          from event_version where ${only}
          order by event_id, version_at, observed_at, fact_key desc
        `,
      ]),
  );
  const factsOf = Map.groupBy(facts, ({ eventId }) => eventId);
  const rows: Row[] = [
    ...heads.map((row) => ({ ...row, kind: "head" as const })),
    ...types.map((row) => ({ ...row, kind: "type" as const })),
    ...shops.map((row) => ({ ...row, kind: "shop" as const })),
  ];
  const byEvent = Map.groupBy(rows, ({ eventId }) => eventId);
  return (eventId: string) => {
    const said = factsOf.get(eventId) ?? [];
    const sources = new Map(said.map((fact) => [momentOf(fact), fact.source]));
    return together(byEvent.get(eventId) ?? [], sources);
  };
}

type Head = Omit<EventUpdated, "ticketTypes" | "underShops">;

interface RowColumns<Content> {
  eventId: string;
  versionAt: Date;
  observedAt: Date;
  factKey: string;
  content: Content;
}

type Row =
  | (RowColumns<Head> & { kind: "head" })
  | (RowColumns<TicketType> & { kind: "type" })
  | (RowColumns<UnderShop> & { kind: "shop" });

type FactColumns = Pick<RowColumns<never>, "eventId" | "versionAt" | "observedAt"> & {
  source: string;
};

const momentOf = ({ eventId, versionAt, observedAt }: Omit<FactColumns, "source">) =>
  `${eventId} ${orderOf(versionAt, observedAt)}`;

/**
 * What a description says of a thing holds until another says otherwise; the head says what there is.
 * Parts of one description share its times, and only the last of them has said all.
 */
function together(rows: Row[], sources: ReadonlyMap<string, string>): Version[] {
  const types = new Map<string, TicketType>();
  const shops = new Map<string, UnderShop>();
  let head: Head | undefined;
  const ordered = rows
    .map((row) => ({ row, order: orderOf(row.versionAt, row.observedAt, row.factKey) }))
    .sort((one, other) => compareOrders(one.order, other.order))
    .map(({ row }) => row);
  return ordered.flatMap((row, index) => {
    if (row.kind === "head") head = row.content;
    if (row.kind === "type") types.set(row.content.ticketTypeId, row.content);
    if (row.kind === "shop") shops.set(row.content.underShopId, row.content);
    const next = ordered[index + 1];
    if (!head || (next && momentOf(next) === momentOf(row))) return [];
    const { name, eventType, sellStart, sellEnd, start, end, visibleAfter, hideInListing } = head;
    return [
      {
        ...{ name, eventType, sellStart, sellEnd, start, end, visibleAfter, hideInListing },
        childEventIds: head.childEventIds,
        ...{ eventId: row.eventId, account: head.account, observedAt: row.observedAt },
        source: sources.get(momentOf(row)) ?? "",
        categories: head.categories,
        timezone: head.timezone,
        currency: head.currency,
        ticketTypes: head.ticketTypeIds.flatMap((id) => types.get(id) ?? []),
        underShops: head.underShopIds.flatMap((id) => shops.get(id) ?? []),
      },
    ];
  });
}
