import { expect, test } from "bun:test";
import { EventsFetchCommand, FlowTypeListCommand, IngestEventCommand } from "@flowcore/sdk";
import { playedDatabase } from "../../test/support/played-database.ts";
import { playDatacore } from "./server.ts";
import { apiKey, clientOf, idsOf, stage, tenant } from "./testing.ts";

const now = () => new Date("2025-03-01T10:00:00Z");
const timeBucket = "20250301100000";

test("what was stored is there after a restart, and new ids differ from the old", async () => {
  await using database = await playedDatabase();
  const first = await stage(database.sql, { now });
  const stored = await first.ingest("order.placed.0", { run: 1 });
  await first[Symbol.asyncDispose]();

  const options = { port: 0, apiKey, tenant, now, log: () => {} };
  const second = await playDatacore({ ...options, sql: database.sql });
  const client = clientOf(second.url);
  const target = first.target("order.placed.0");
  const { eventId } = await client.execute(new IngestEventCommand({ ...target, eventData: {} }));
  const { events } = await client.execute(new EventsFetchCommand({ ...first.names, timeBucket }));
  expect(idsOf(events).toSorted()).toEqual([stored, eventId].toSorted());
  expect(stored).not.toBe(eventId);
  const { dataCoreId, flowTypeId } = first;
  const flowTypes = await client.execute(new FlowTypeListCommand({ dataCoreId }));
  expect(flowTypes).toMatchObject([{ id: flowTypeId }]);
  client.close();
  await second.stop();
});

test("two datacores can start on a new database at once", async () => {
  await using database = await playedDatabase();
  const options = { sql: database.sql, port: 0, apiKey, tenant, log: () => {} };
  const played = await Promise.all([playDatacore(options), playDatacore(options)]);
  for (const { url, stop } of played) {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await stop();
  }
});

test("a key of another form is refused at the start", async () => {
  await using database = await playedDatabase();
  const options = { sql: database.sql, port: 0, apiKey: "secret", tenant, log: () => {} };
  await expect(playDatacore(options)).rejects.toThrow("fc_<id>_<secret>");
});

test("an unexpected failure is logged, and answered without its reason", async () => {
  await using database = await playedDatabase();
  const lines: string[] = [];
  const core = await stage(database.sql, { log: (line) => lines.push(line) });
  await database.sql`drop table datacore.event`;
  const url = `${core.url}/event/made-up/shop/order.0/order.placed.0`;
  const answer = await fetch(url, {
    ...{ method: "POST", body: "{}", headers: { authorization: apiKey } },
  });
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({
    ...{ status: 500, code: "INTERNAL_SERVER_ERROR", error: "INTERNAL_SERVER_ERROR" },
    message: "Internal server error",
  });
  expect(lines.at(-1)).toContain("POST /event/made-up/shop/order.0/order.placed.0");
  await core[Symbol.asyncDispose]();
});
