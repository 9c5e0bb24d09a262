import type { Fact, TicketType, TicketTypeCount } from "../src/contracts/index.ts";
import { flowTypes } from "../src/contracts/index.ts";
import type { Pool } from "../src/database/connect.ts";
import type { Datacore } from "../src/datacore/datacore.ts";
import { storedAt } from "../src/datacore/time-uuid.ts";
import { pageSizeByWeight } from "../src/projections/consumer/page-weight.ts";

/**
 * The least that making these rows can take: every page is read, parsed and validated, what changed is told
 * in memory by comparing each ticket type with the one before, and rows go out with COPY, into the
 * tables that `replay` fills and their indexes. Nothing is remembered, checked or made again: it is
 * right only for a log in order without a repetition, and for nobody who is killed on the way.
 */
export async function copyFloor({ sql, datacore }: { sql: Pool; datacore: Datacore }) {
  let facts = 0;
  const counts = new Map<string, string>();
  const types = new Map<string, string>();
  for (const flowType of flowTypes)
    for (const timeBucket of await datacore.readTimeBuckets(flowType)) {
      const size = pageSizeByWeight(500);
      let cursor: string | undefined;
      do {
        const page = await datacore.readPage({
          ...{ flowType, timeBucket, pageSize: size.now() },
          ...(cursor !== undefined && { cursor }),
        });
        size.came(page);
        await copyPage(sql, page.facts, { counts, types });
        facts += page.facts.length;
        cursor = page.cursor;
      } while (cursor !== undefined);
    }
  return facts;
}

interface Before {
  counts: Map<string, string>;
  types: Map<string, string>;
}

async function copyPage(sql: Pool, facts: readonly Fact[], { counts, types }: Before) {
  const applied: unknown[][] = [];
  const versions: unknown[][] = [];
  const typeVersions: unknown[][] = [];
  const eventCounts: unknown[][] = [];
  const typeCounts: unknown[][] = [];
  const hours: unknown[][] = [];
  for (const { factId, eventType, payload } of facts) {
    applied.push([factId, "flow", storedAt(factId).toISOString()]);
    if (eventType === "event.updated.0") {
      const { eventId, idempotencyKey: key, observedAt, account, source, updatedAt } = payload;
      const at = updatedAt ?? observedAt;
      versions.push([eventId, key, at, observedAt, account, source, updatedAt, 0, 0]);
      for (const type of payload.ticketTypes) {
        if (!isNew(types, `${eventId} ${type.ticketTypeId}`, JSON.stringify(type))) continue;
        typeVersions.push(versionOf(type, { eventId, key, at, observedAt }));
      }
    }
    if (eventType === "sales.counted.0" || eventType === "sales.changed.0") {
      const { eventId, idempotencyKey: key, countedAt } = payload;
      eventCounts.push([eventId, key, countedAt, true, 0, 0, "[]", 1, 1, "poll", true, 0]);
      for (const type of payload.ticketTypes) {
        for (const [hour, tickets] of Object.entries(type.newSales))
          hours.push([
            eventId,
            type.ticketTypeId,
            `${hour}:00Z`,
            "new_sale",
            tickets,
            countedAt,
            key,
          ]);
        const { newSales: _sales, replacements: _replaced, ...numbers } = type;
        if (!isNew(counts, `${eventId} ${type.ticketTypeId}`, JSON.stringify(numbers))) continue;
        typeCounts.push([eventId, type.ticketTypeId, key, countedAt, ...numbersOf(type)]);
      }
    }
  }
  await sql.begin(async (tx) => {
    const copy = async (into: string, rows: unknown[][]) => {
      if (rows.length === 0) return;
      const stream = await tx.unsafe(`copy ${into} from stdin`).writable();
      stream.end(rows.map((row) => `${row.map(plain).join("\t")}\n`).join(""));
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      stream.once("finish", resolve).once("error", reject);
      await promise;
    };
    await copy("applied_fact (fact_id, flow_type, stored_at)", applied);
    await copy(
      "event_version (event_id, fact_key, version_at, observed_at, account, source, updated_at, named_types, named_shops)",
      versions,
    );
    await copy(
      "ticket_type_version (event_id, ticket_type_id, fact_key, version_at, observed_at, since, content)",
      typeVersions,
    );
    await copy(
      "event_count (event_id, fact_key, counted_at, complete, tickets_read, expected_total, currencies, part_number, part_of, source, whole, named_types)",
      eventCounts,
    );
    await copy(
      "ticket_type_count (event_id, ticket_type_id, fact_key, counted_at, sold, sold_under_shop, complimentary, replaced, triggered, flex_add_ons, reserved, invalid, blank)",
      typeCounts,
    );
    await tx`
      create temporary table hour_page (
        event_id text, ticket_type_id text, hour timestamptz, kind text, tickets integer,
        counted_at timestamptz, fact_key text
      ) on commit drop
    `;
    await copy("hour_page", hours);
    await tx`
      insert into sales_hour (event_id, ticket_type_id, hour, kind, tickets, counted_at, fact_key)
      select distinct on (event_id, ticket_type_id, hour, kind) * from hour_page
      order by event_id, ticket_type_id, hour, kind, counted_at desc
      on conflict (event_id, ticket_type_id, hour, kind) do update set
        tickets = excluded.tickets, counted_at = excluded.counted_at, fact_key = excluded.fact_key
    `;
  });
}

function isNew(before: Map<string, string>, id: string, value: string) {
  if (before.get(id) === value) return false;
  before.set(id, value);
  return true;
}

const versionOf = (
  type: TicketType,
  said: { eventId: string; key: string; at: string; observedAt: string },
) => [
  ...[said.eventId, type.ticketTypeId, said.key, said.at, said.observedAt, said.observedAt],
  JSON.stringify(type),
];

const numbersOf = (type: TicketTypeCount) => [
  ...[type.sold, type.soldUnderShop, type.complimentary, type.replaced, type.triggered],
  ...[type.flexAddOns, type.reserved, type.invalid, type.blank],
];

/** As COPY's text form writes it: these facts have no tab, newline or backslash in them. */
const plain = (value: unknown) => (value === null ? "\\N" : String(value));
