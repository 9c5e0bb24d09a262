import { test } from "bun:test";
import { emptyDatabase } from "../../test/database.ts";
import { makeSeason } from "./season/make.ts";
import { documentsOf, listTickets } from "./tickets.ts";
import { ticketColumns } from "./ticket-rows.ts";
import { readEventsById } from "./events.ts";
import { ticketDocument } from "./ticket-document.ts";
test("x", async () => {
  await using db = await emptyDatabase();
  const sql = db.sql;
  await makeSeason(sql, { kind: "full", seed: 1, now: new Date() });
  const [e] = await sql`select id from vivenu.event where document->>'name'='HYROX Paris 2025'`;
  const id = e?.id as string;
  for (const q of [`event=${id}&top=1000`,`event=${id}&top=1000&skip=15000`, `event=${id}&status=VALID,DETAILSREQUIRED&top=1`, `top=1000&updatedAt[$gte]=2026-11-20T00:00:00Z`, `top=1000`,`name=muster`])
  for (let i = 0; i < 4; i++) { const t = performance.now(); const a = await listTickets(sql, "FRANCE", new URLSearchParams(q)); JSON.stringify(a); console.log(q, a.total, performance.now() - t); }
  for (let i = 0; i < 4; i++) {
    let t = performance.now();
    const rows = await sql<any[]>`select ${ticketColumns(sql)} from vivenu.ticket where region='FRANCE' and event_id=${id} order by created_at desc, id desc limit 1000 offset 5000`;
    const a = performance.now() - t; t = performance.now();
    const ev = await readEventsById(sql, [id]);
    const b = performance.now() - t; t = performance.now();
    const docs = rows.map((r) => ticketDocument(r, ev.get(id)!));
    const c = performance.now() - t; t = performance.now();
    const s = JSON.stringify(docs);
    const d = performance.now() - t; t = performance.now();
    console.log({ a, b, c, d });
  }
}, 60000);
