import type { EventUpdated, TicketType, UnderShop } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { columns, namesOf, typesOf } from "../../database/table-columns.ts";
import { once } from "../../lib/once.ts";
import { type Arrival, arrivalsOf, forgetFacts, placeOf, setsOf } from "./arrivals.ts";
import { descriptionFacts, headRows, ticketTypeRows, underShopRows } from "./description-tables.ts";
import {
  type EventMerge,
  instantOf,
  orderOf,
  type RowTable,
  seenOf,
  THE_ONE,
} from "./history-tables.ts";
import { mergeInto } from "./kept-history.ts";
import { type NamedSet, namedSet, withSets } from "./named-sets.ts";
import { type KeepOptions, recordset } from "./projection.ts";
import { readable } from "./readable.ts";
import { stableJson } from "./stable-json.ts";
import type { Touched } from "./touched.ts";

/** What a row of `event_version` says beside its place. */
const factColumns = columns({
  account: "text",
  source: "text",
  updated_at: "timestamptz",
  named_types: "bigint",
  named_shops: "bigint",
});

/** What may be described otherwise now: (event, ticket type) and (event, undershop) as pairs of lists. */
export interface TouchedDescriptions {
  events: Touched[];
  types: Pairs;
  shops: Pairs;
}

export interface Pairs {
  eventIds: string[];
  ids: string[];
}

interface DescriptionArrival extends Arrival {
  said: EventUpdated;
  types: NamedSet;
  shops: NamedSet;
}

/** Keeps descriptions, and of each event, ticket type and undershop what is not as it was said before. */
export async function keepDescriptions(
  sql: Sql,
  updated: readonly EventUpdated[],
  options: KeepOptions,
): Promise<TouchedDescriptions> {
  const arrived = await arrivalsOf(
    sql,
    descriptionFacts,
    updated.map(readable).map(arrivalOf),
    options,
  );
  if (arrived.length === 0) return { events: [], types: pairsOf([]), shops: pairsOf([]) };
  const fresh = arrived.flatMap((event) => event.fresh);
  const insertAll = () =>
    Promise.all([
      forgetFacts(sql, descriptionFacts, arrived),
      insertFacts(sql, fresh, setsOf(descriptionFacts, arrived, options)),
    ]);
  // What is late is merged with the facts that were there before it.
  const isLate = arrived.some((event) => event.isLate);
  const merge = (history: RowTable, valuesOf: (said: EventUpdated) => Map<string, string>) =>
    mergeInto(
      sql,
      history,
      arrived.map((event) => ({
        ...event,
        fresh: event.fresh.map(({ order, said }) => ({
          order,
          seen: seenOf(descriptionFacts, order),
          values: valuesOf(said),
        })),
      })),
      options,
    );
  const [types, shops] = await Promise.all([
    merge(ticketTypeRows, ({ ticketTypes }) => new Map(ticketTypes.map(typeOf))),
    merge(underShopRows, ({ underShops }) => new Map(underShops.map(shopOf))),
    merge(headRows, (said) => new Map([[THE_ONE, stableJson(headOf(said))]])),
    isLate ? undefined : insertAll(),
  ]);
  if (isLate) await insertAll();
  return {
    events: arrived.map(({ eventId, from }) => ({ eventId, since: instantOf(from) })),
    types: pairsOf(types),
    shops: pairsOf(shops),
  };
}

const arrivalOf = (said: EventUpdated): DescriptionArrival => {
  const { eventId, idempotencyKey: key, source, updatedAt, observedAt } = said;
  return {
    eventId,
    key,
    source,
    said,
    order: orderOf(new Date(updatedAt ?? observedAt), new Date(observedAt), key),
    types: namedSet(said.ticketTypes.map(({ ticketTypeId }) => ticketTypeId)),
    shops: namedSet(said.underShops.map(({ underShopId }) => underShopId)),
  };
};

/** What an event's own row is made of: all but the envelope and what has rows of its own. */
function headOf(said: EventUpdated) {
  const {
    idempotencyKey: _key,
    source: _source,
    observedAt: _observedAt,
    updatedAt: _updatedAt,
    part: _part,
    ticketTypes: _ticketTypes,
    underShops: _underShops,
    ...head
  } = said;
  return head;
}

const textOf = once<TicketType | UnderShop, string>(stableJson);
const typeOf = (type: TicketType) => [type.ticketTypeId, textOf(type)] as const;
const shopOf = (shop: UnderShop) => [shop.underShopId, textOf(shop)] as const;

const insertFacts = (sql: Sql, fresh: readonly DescriptionArrival[], kept: Set<string>) => sql`
  ${withSets(
    sql,
    fresh.flatMap((fact) => [fact.types, fact.shops]),
    kept,
  )}
  insert into event_version (
    event_id, ${namesOf(sql, descriptionFacts.order)}, ${namesOf(sql, factColumns)}
  )
  select event_id, ${namesOf(sql, descriptionFacts.order)}, ${namesOf(sql, factColumns)}
  from jsonb_to_recordset(${recordset(
    fresh.map((arrival) => ({ ...placeOf(descriptionFacts, arrival), ...columnsOf(arrival) })),
  )}::text::jsonb) as new (
    event_id text, ${typesOf(sql, descriptionFacts.order)}, ${typesOf(sql, factColumns)}
  )
`;

const columnsOf = ({ said, types, shops }: DescriptionArrival) => ({
  account: said.account,
  source: said.source,
  updated_at: said.updatedAt,
  named_types: types.setId,
  named_shops: shops.setId,
});

function pairsOf(merged: readonly EventMerge[]): Pairs {
  const touched = merged.flatMap(({ eventId, written, deleted }) =>
    [...new Set([...written, ...deleted].map(({ id }) => id))].map((id) => [eventId, id] as const),
  );
  return { eventIds: touched.map(([eventId]) => eventId), ids: touched.map(([, id]) => id) };
}
