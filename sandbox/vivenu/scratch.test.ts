import { expect, test } from "bun:test";
import { emptyDatabase } from "../../test/database.ts";
import { listEvents } from "./events.ts";
import { makeSeason } from "./season/make.ts";
import { listTickets } from "./tickets.ts";

test("x", async () => {
  await using db = await emptyDatabase();
  let t = performance.now();
  const made = await makeSeason(db.sql, { kind: "full", seed: 1, now: new Date() });
  console.log(made, performance.now() - t);
  for (const r of await db.sql`select e.region, document->>'name' as name, jsonb_array_length(document->'tickets') types, length(document::text) size, document->>'sellStart' ss, document->>'start' st, count(t.id) n, count(*) filter (where t.status in ('VALID','DETAILSREQUIRED')) sold, max(t.updated_at) mu from vivenu.event e left join vivenu.ticket t on t.event_id=e.id group by e.id order by 1, 2`)
    console.log(
      Object.values(r)
        .map((x) => (x instanceof Date ? x.toISOString() : x))
        .join(" | "),
    );
  const [e] = await db.sql`select id from vivenu.event where document->>'name'='HYROX Paris 2025'`;
  for (const q of [
    `event=${e!.id}&top=1000`,
    `event=${e!.id}&top=1000&skip=28000`,
    `event=${e!.id}&status=VALID,DETAILSREQUIRED&top=1`,
    `top=1000&updatedAt[$gte]=2026-11-20T00:00:00Z`,
    `top=1000`,
    `name=muster`,
  ]) {
    for (let i = 0; i < 3; i++) {
      t = performance.now();
      const a = await listTickets(db.sql, "FRANCE", new URLSearchParams(q));
      const s = JSON.stringify(a);
      console.log(q, a.rows.length, a.total, s.length, (performance.now() - t).toFixed(1));
    }
  }
  t = performance.now();
  const l = await listEvents(db.sql, "USA", new URLSearchParams("top=25&skip=0"));
  console.log(l.total, JSON.stringify(l).length, performance.now() - t);
  console.log(
    JSON.stringify(
      (await listTickets(db.sql, "FRANCE", new URLSearchParams("top=2"))).rows,
      null,
      1,
    ).slice(0, 3000),
  );
  expect(1).toBe(1);
});
