/**
 * The floor of the benchmark of reads: Bun's bare HTTP and the statements that the service sends, in the
 * same PostgreSQL. It knows no keys, filters, ETags or schemas, and answers what PostgreSQL said. The
 * kind of read is in the header `x-kind`. Prints its port.
 */
import { connect } from "../src/database/connect.ts";
import { tablesAsOf } from "../src/projections/queries/as-of.ts";
import { readChanges } from "../src/projections/queries/change-list.ts";
import { eventPageIn, keptIn, ticketTypePageIn } from "../src/projections/queries/lists.ts";
import { eachEventAt } from "../src/projections/queries/rows-at.ts";
import { revisionReader } from "../src/projections/queries/rows-revision.ts";
import { readSoldHours } from "../src/projections/queries/sold-hours.ts";
import { defaultPolicy } from "../src/rules/capacity.ts";

const sql = connect(process.env.DATABASE_URL ?? "", { max: 10 });
const readRevision = revisionReader(sql);
const instantOf = tablesAsOf(sql, { policy: defaultPolicy, readRevision });
const FILE_PAGE = 1_000;

const floors: Record<string, (url: URL) => Promise<Response>> = {
  list: () => listIn(keptIn(sql, new Date())),
  "list of a status": () => listIn(keptIn(sql, new Date()), { statuses: ["ON_SALE"] }),
  event: async ({ pathname }) => {
    const eventId = pathname.split("/").at(-1) ?? "";
    const [event, types] = await Promise.all([
      sql`select document from event_shown where event_id = ${eventId}`,
      sql`select document from ticket_type_shown where event_id = ${eventId} order by place`,
    ]);
    return Response.json({ event, types });
  },
  "ticket types": async () => {
    const { keyed } = ticketTypePageIn(sql, { limit: 200 }, keptIn(sql, new Date()));
    return Response.json(await sql`${keyed}`);
  },
  changes: async () => Response.json(await readChanges(sql, { limit: 100 })),
  sales: async ({ searchParams }) => {
    const eventId = searchParams.get("eventId") ?? "";
    const types = await sql<{ id: string }[]>`
      select ticket_type_id as id from ticket_type_shown where event_id = ${eventId} and in_totals
    `;
    const typeIds = types.map(({ id }) => id);
    const sold = await readSoldHours(sql, [{ eventId, typeIds, since: new Date(0) }]);
    return Response.json([...sold.values()]);
  },
  "as of an instant": async ({ searchParams }) =>
    listIn(await (await instantOf(asOfIn(searchParams))).tables("events")),
  "as of instants": async ({ searchParams }) => {
    const found = await eachEventAt(sql, { at: asOfIn(searchParams) }, ({ event }) => event);
    return Response.json(found.slice(0, 50));
  },
  CSV: async () => {
    const lines: string[] = [];
    for (let after: { key: number; ids: string[] } | undefined, isOver = false; !isOver; ) {
      const { keyed } = ticketTypePageIn(sql, { limit: FILE_PAGE, after }, keptIn(sql, new Date()));
      const found = await sql<Found[]>`${keyed}`;
      for (const { document } of found) lines.push(Object.values(document.row).join());
      const last = found[FILE_PAGE - 1];
      if (last) after = { key: last.key.getTime(), ids: [last.eventId, last.ticketTypeId] };
      isOver = found.length <= FILE_PAGE;
    }
    return new Response(lines.join("\r\n"), { headers: { "content-type": "text/csv" } });
  },
  unchanged: async () => {
    await readRevision(new Date());
    return new Response(null, { status: 304 });
  },
};

interface Found {
  eventId: string;
  ticketTypeId: string;
  key: Date;
  document: { row: object };
}

async function listIn(from: ReturnType<typeof keptIn>, filters: { statuses?: string[] } = {}) {
  const { keyed } = eventPageIn(sql, { limit: 50, ...filters }, from);
  return Response.json(await sql`${keyed}`);
}

const asOfIn = (params: URLSearchParams) => new Date(params.get("as_of") ?? "");

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    // A statement is worked on anew whoever asked it before.
    const kind = request.headers.get("x-kind")?.replace(" made anew", "");
    const floor = floors[kind ?? ""];
    return floor ? floor(new URL(request.url)) : new Response("", { status: 404 });
  },
});
process.stdout.write(`${server.port}\n`);
process.stdin.on("end", () => process.exit()).resume();
