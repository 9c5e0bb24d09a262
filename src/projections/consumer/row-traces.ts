import type { Fact } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { beginSpan, type Span } from "../../lib/tracing.ts";

/** A traced fact that is being applied. */
export interface FactSpan {
  span: Span;
  /** Undefined of a fact that is no event's. */
  eventId: string | undefined;
}

/** Rows of an event of which the sheet does not know yet. */
export interface RowTrace {
  eventId: string;
  traceparent: string;
}

/** Where there is no sheet nobody takes them. */
const KEPT = "1 hour";

/** None where its fact belongs to no trace. */
export function beginFact({ factId, eventType, payload, traceparent }: Fact): FactSpan[] {
  if (traceparent === undefined) return [];
  const eventId = "eventId" in payload ? payload.eventId : undefined;
  const attributes = {
    event_type: eventType,
    fact_id: factId,
    account: payload.account,
    ...(eventId !== undefined && { event_id: eventId }),
  };
  const options = { parent: traceparent, kind: "consumer", attributes } as const;
  return [{ span: beginSpan("fact.apply", options), eventId }];
}

/** In the transaction that makes the rows. */
export function keepRowTraces(sql: Sql, spans: readonly FactSpan[], at: Date) {
  const made = spans.flatMap(({ span: { traceparent }, eventId }) =>
    traceparent !== undefined && eventId !== undefined ? [{ eventId, traceparent }] : [],
  );
  return sql`
    with old as (delete from row_trace where made_at < ${at}::timestamptz - ${KEPT}::interval)
    insert into row_trace (event_id, traceparent, made_at)
    select event_id, traceparent, ${at}
    from unnest(
      ${made.map(({ eventId }) => eventId)}::text[],
      ${made.map(({ traceparent }) => traceparent)}::text[]
    ) as new (event_id, traceparent)
    order by event_id, traceparent
    on conflict do nothing
  `;
}

/** Whoever reads rows after this has those that these traces are of. */
export const readRowTraces = (sql: Sql) => sql<RowTrace[]>`
  select event_id, traceparent from row_trace order by made_at limit 1000
`;

export const forgetRowTraces = (sql: Sql, shown: readonly RowTrace[]) => sql`
  delete from row_trace
  using unnest(
    ${shown.map(({ eventId }) => eventId)}::text[],
    ${shown.map(({ traceparent }) => traceparent)}::text[]
  ) as shown (event_id, traceparent)
  where row_trace.event_id = shown.event_id and row_trace.traceparent = shown.traceparent
`;
