import type { Sql } from "postgres";
import { escapeHtml } from "../html.ts";
import { readDeliveryCounts } from "./deliveries.ts";
import { readEvents } from "./events.ts";
import { type SaleState, saleState } from "./sale-state.ts";

export interface OverviewRow {
  id: string;
  region: string;
  name: string;
  state: SaleState;
  sellStart: string | undefined;
  start: string;
  timezone: string | undefined;
  ticketTypes: number;
  records: number;
  sold: number;
}

export interface Overview {
  events: OverviewRow[];
  webhooks: { pending: number; abandoned: number };
}

export async function readOverview(sql: Sql, now: Date): Promise<Overview> {
  const counted = await sql<{ id: string; records: number; sold: number }[]>`
    select event_id as id, count(*)::int as records,
           (count(*) filter (where status in ('VALID', 'DETAILSREQUIRED')))::int as sold
    from vivenu.ticket group by event_id
  `;
  const counts = new Map(counted.map((row) => [row.id, row]));
  const events = await readEvents(sql);
  return {
    events: events.map(({ id, region, document }) => ({
      id,
      region,
      name: document.name,
      state: saleState(document, now),
      sellStart: document.sellStart,
      start: document.start,
      timezone: document.timezone,
      ticketTypes: document.tickets.length,
      records: counts.get(id)?.records ?? 0,
      sold: counts.get(id)?.sold ?? 0,
    })),
    webhooks: await readDeliveryCounts(sql),
  };
}

const shortTime = (iso: string | undefined) =>
  iso?.slice(0, 16).replace("T", " ") ?? "no sell start";

const row = (event: OverviewRow) => {
  const cells = [
    event.region,
    event.name,
    event.state,
    shortTime(event.sellStart),
    shortTime(event.start),
    event.ticketTypes,
    event.records,
    event.sold,
  ];
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(String(cell))}</td>`).join("")}<td><code>${escapeHtml(event.id)}</code></td></tr>`;
};

/** The season at a glance, so that a developer finds an event's id. No keys, nobody's names. */
export const seasonPage = ({ events, webhooks }: Overview) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Played Vivenu</title>
<style>
  body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem }
  table { border-collapse: collapse }
  td, th { padding: .2rem .8rem .2rem 0; text-align: left; border-bottom: 1px solid #ddd }
</style>
<h1>Played Vivenu</h1>
<p>${events.length} events, ${events.reduce((sum, { records }) => sum + records, 0)} ticket records.
Webhooks: ${webhooks.pending} pending, ${webhooks.abandoned} given up. Times are UTC.</p>
<table>
<tr><th>Region<th>Event<th>State<th>On sale from<th>Starts<th>Types<th>Records<th>Sold<th>Id</tr>
${events.map(row).join("\n")}
</table>
<h2>To change something</h2>
<pre>
curl -X PATCH  /sandbox/events/ID -H 'content-type: application/json' -d '{"sellStart": "2030-01-01T10:00:00.000Z"}'
curl -X PATCH  /sandbox/events/ID/ticket-types/TYPE_ID -H 'content-type: application/json' -d '{"amount": 120}'
curl -X POST   /sandbox/events/ID/sales -H 'content-type: application/json' -d '{"ticketTypeId": "TYPE_ID", "count": 2}'
curl -X POST   /sandbox/events/ID/copies -H 'content-type: application/json' -d '{"name": "HYROX Elsewhere"}'
curl -X DELETE /sandbox/events/ID
curl -X POST   /sandbox/tickets/ID/refund (or transfer, complete)
</pre>
</html>
`;
