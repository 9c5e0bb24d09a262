import { expect, test } from "bun:test";
import {
  eventUpdated,
  pollFinished,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { applyEach, applyKept, projections } from "../../../test/support/given.ts";
import { memoryDatacore } from "../../../test/support/memory-datacore.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { usableEnvironment } from "../../../test/support/usable-environment.ts";
import { loadConfig } from "../../config/config.ts";
import type { Pool } from "../../database/connect.ts";
import { migrate } from "../../database/migrate.ts";
import { saveSeller } from "../../intake/store/sellers.ts";
import { createLogger } from "../../lib/logger.ts";
import { moveCheckpoint } from "../../projections/consumer/checkpoint.ts";
import { consumer } from "../../projections/consumer/consumer.ts";
import { defaultPasses } from "../../projections/consumer/passes.ts";
import { unclearTypesReader } from "../../projections/queries/unclear-types.ts";
import { keepShown } from "../../projections/tables/shown-rows.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { statusReader } from "./status.ts";
import { webhookCounts } from "./webhook-counts.ts";

const config = loadConfig(usableEnvironment);

const clockAt = (now: string) => ({ now: () => new Date(now), pause: async () => {} });

const statusAt = (sql: Pool, now: string) =>
  statusReader({
    ...{ sql, config, version: "1.2.3", logger: createLogger("silent"), mirror: () => null },
    clock: clockAt(now),
    failing: { read: async () => [] },
  })();

test("what is wrong is said with the account it is of, and a name in an event's name makes it no other's", async () => {
  const { sql } = await reusedDatabase();
  const named = (account: string, n: number) =>
    eventUpdated({
      ...{ account, eventId: `${account}-${n}`, name: `HYROX (FRANCE, ${n}) of USA: ${n}` },
      sellStart: "0026-10-01T10:00:00.000Z",
    });
  await applyKept(sql, [
    ...Array.from({ length: 7 }, (_, n) => named("DACH", n)),
    named("ITALY", 1),
  ]);
  const { problems, notes, sentences } = await statusReader({
    ...{ sql, config, version: "1.2.3", logger: createLogger("silent"), mirror: () => null },
    clock: clockAt("2026-03-01T03:00:00Z"),
    failing: {
      read: async () => [
        { loop: "the key of FRANCE", message: "Vivenu refuses it.", account: "FRANCE" },
        { loop: "the sheet", message: "Google: 500", account: null },
      ],
    },
  })();
  expect(sentences.map(({ text }) => text)).toEqual([...problems, ...notes]);
  const accountsOf = (words: string) =>
    sentences.flatMap(({ account, text }) => (text.includes(words) ? [account] : []));
  expect(accountsOf("DACH was never polled.")).toEqual(["DACH"]);
  expect(accountsOf("the key of FRANCE: Vivenu")).toEqual(["FRANCE"]);
  expect(accountsOf("the sheet: Google")).toEqual([null]);
  // However many an account has, they are not in place of another's.
  expect(accountsOf("of HYROX (FRANCE, ")).toEqual([...Array(5).fill("DACH"), "ITALY"]);
});

test("two accounts whose keys are one seller's are named, of those that are configured", async () => {
  const { sql } = await reusedDatabase();
  for (const account of ["DACH", "FRANCE"])
    await saveSeller(sql, account, { _id: "65aa", currency: "EUR" }, new Date(0));
  const saidOf = async (settings: Record<string, string>) =>
    (
      await statusReader({
        ...{ sql, version: "1.2.3", logger: createLogger("silent"), mirror: () => null },
        config: loadConfig({ ...usableEnvironment, ...settings }),
        clock: clockAt("2026-03-01T03:00:00Z"),
        failing: { read: async () => [] },
      })()
    ).problems.filter((problem) => problem.includes("of one seller"));
  expect(await saidOf({ FRANCE_API: "another-key" })).toEqual([
    expect.stringContaining("The keys of DACH and FRANCE are of one seller (65aa)"),
  ]);
  expect(await saidOf({})).toEqual([]);
});

test("an account's last poll is told in numbers, and what kept it from reading everything by its cause", async () => {
  const { sql } = await reusedDatabase();
  const failures = [
    { eventId: "e7", kind: "unavailable", reason: "Vivenu did not answer in 30 s." },
    { eventId: null, kind: "refused", reason: "the key was refused" },
  ];
  await applyEach(sql, [
    pollFinished({ startedAt: "2026-02-28T02:00:00.000Z", requests: 1 }),
    pollFinished({ complete: false, eventsRead: 14, eventsCounted: 13, requests: 412, failures }),
  ]);
  const { accounts, problems } = await statusAt(sql, "2026-03-01T03:00:00Z");
  expect(accounts[0]?.lastPoll).toEqual({
    startedAt: "2026-03-01T02:00:00.000Z",
    finishedAt: "2026-03-01T02:05:00.000Z",
    seconds: 300,
    complete: false,
    eventsRead: 14,
    eventsCounted: 13,
    ticketsRead: 9,
    requests: 412,
  });
  expect(problems).toContain(
    "DACH: the last poll could not read everything of event e7: Vivenu did not answer in 30 s, and 1 more in `failures`.",
  );
});

test("what came of webhooks in the last hour and day is told, of all replicas together", async () => {
  const { sql } = await reusedDatabase();
  const count = async (now: string, ...outcomes: ["DACH" | null, "accepted" | "unsigned"][]) => {
    const counts = webhookCounts({ sql, clock: clockAt(now) });
    for (const [account, outcome] of outcomes) counts.note({ account, outcome });
    await counts.flush();
  };
  await count("2026-03-01T09:59:00Z", ["DACH", "accepted"]);
  await count("2026-03-02T08:54:00Z", ["DACH", "accepted"], ["DACH", "accepted"]);
  await count("2026-03-02T09:02:00Z", ["DACH", "accepted"], [null, "unsigned"]);
  await count("2026-03-02T09:04:00Z", ["DACH", "accepted"], ["DACH", "unsigned"]);
  const { accounts, webhooks } = await statusAt(sql, "2026-03-02T10:00:00Z");
  expect(accounts[0]?.webhooks).toEqual({
    lastHour: { accepted: 2, unsigned: 1 },
    lastDay: { accepted: 4, unsigned: 1 },
  });
  expect(webhooks).toEqual({
    lastHour: { accepted: 2, unsigned: 2 },
    lastDay: { accepted: 4, unsigned: 2 },
    ofNobody: { lastHour: { unsigned: 1 }, lastDay: { unsigned: 1 } },
  });
  // Of older ones nothing is kept.
  await count("2026-03-03T10:10:00Z", ["DACH", "accepted"]);
  expect(await sql`select from webhook_outcome where at < '2026-03-02T10:00:00Z'`).toHaveLength(0);
});

test("since when none of an account's webhooks is taken is told from the stretch behind the last that was", async () => {
  const { sql } = await reusedDatabase();
  const count = async (now: string, outcome: "accepted" | "unsigned", times: number) => {
    const counts = webhookCounts({ sql, clock: clockAt(now) });
    for (let n = 0; n < times; n += 1) counts.note({ account: "DACH", outcome });
    await counts.flush();
  };
  await count("2026-03-02T07:00:00Z", "unsigned", 3);
  await count("2026-03-02T07:10:00Z", "accepted", 1);
  await count("2026-03-02T09:41:00Z", "unsigned", 4);
  await count("2026-03-02T09:55:00Z", "unsigned", 4);
  const { problems } = await statusAt(sql, "2026-03-02T10:00:00Z");
  expect(problems).toContainEqual(
    expect.stringContaining("8 were refused at the door since 2026-03-02T09:40:00.000Z: 8 whose"),
  );
});

test("a log that is read for the first time is not said to have been read at some time", async () => {
  const { sql } = await reusedDatabase();
  const stopped = new AbortController();
  const datacore = memoryDatacore();
  const flowType = "vivenu.event.0";
  datacore.file(eventUpdated({ eventId: "first" }), "2026-03-01T10:10:00Z");
  datacore.file(eventUpdated({ eventId: "second" }), "2026-03-01T12:10:00Z");
  const clock = clockAt("2026-03-01T12:20:00Z");
  const reader = consumer({
    ...{ flowType, datacore, sql, projections, clock, settings: defaultPasses },
    ...{ logger: createLogger("silent"), check: async () => {}, signal: stopped.signal },
    // It ends within the first reading.
    onProgress: () => stopped.abort(),
  });
  await reader().catch(() => {});
  expect((await statusAt(sql, "2026-03-01T12:25:00Z")).problems).toContain(
    `${flowType} is read for the first time and not through yet: what was stored up to 2026-03-01T11:00:00.000Z is in the rows.`,
  );
  await moveCheckpoint(sql, {
    ...{ flowType, newestSeen: new Date("2026-03-01T12:10:00Z") },
    checkpoint: new Date("2026-03-01T12:15:00Z"),
    readAt: new Date("2026-03-01T12:20:00Z"),
  });
  expect((await statusAt(sql, "2026-03-01T12:25:00Z")).problems).toContain(
    `${flowType} was last read 300 s ago.`,
  );
});

test("what could not be written is counted when it can be", async () => {
  const { sql } = await reusedDatabase();
  const counts = webhookCounts({ sql, clock: clockAt("2026-03-02T09:02:00Z") });
  counts.note({ account: "DACH", outcome: "accepted" });
  await sql`alter table webhook_outcome rename to elsewhere`;
  await counts.flush();
  await sql`alter table elsewhere rename to webhook_outcome`;
  counts.note({ account: "DACH", outcome: "accepted" });
  const [dach] = await counts.read(new Date("2026-03-02T09:30:00Z"));
  expect(dach?.lastDay).toEqual({ accepted: 2 });
});

test("the season in a few numbers, and the versions of what works on it", async () => {
  const { sql } = await reusedDatabase();
  const described = (eventId: string, more = {}) =>
    eventUpdated({ eventId, ticketTypes: [ticketType({ amount: 100 })], ...more });
  await applyKept(sql, [
    described("berlin"),
    described("paris"),
    described("over", { start: "2026-02-20T06:00:00.000Z", end: "2026-02-21T20:00:00.000Z" }),
    ...["berlin", "over"].map((eventId) =>
      salesCounted({ eventId, ticketTypes: [typeCount({ sold: 41 })] }),
    ),
  ]);
  const { summary, versions } = await statusAt(sql, "2026-03-02T10:00:00Z");
  expect(summary).toEqual({
    events: { ENDED: 1, ON_SALE: 2 },
    notCounted: 1,
    totalCapacity: 200,
    totalSold: 41,
    totalAvailable: 59,
  });
  expect(versions).toMatchObject({ service: "1.2.3", zones: "2026f" });
  expect(await migrate(sql)).toEqual([]);
  expect(versions.schema).toBe(versions.schemaOfService);
});

test("types in doubt are looked at again where an event was written, and nowhere else", async () => {
  const { sql } = await reusedDatabase();
  const odd = (eventId: string, name: string, day = 1) =>
    eventUpdated({
      eventId,
      ticketTypes: [ticketType({ ticketTypeId: "odd", name })],
      updatedAt: `2026-02-0${day}T10:00:00.000Z`,
    });
  const options = { policy: defaultPolicy };
  const apply = async (...facts: ReturnType<typeof odd>[]) => {
    await applyEach(sql, facts);
    await keepShown(sql, ["berlin", "paris", "rome"], options);
  };
  await apply(
    ...[odd("berlin", "Aftershow"), odd("paris", "HYROX | Friday")],
    odd("rome", "HYROX MEN | Friday"),
  );
  const asked: string[] = [];
  const found = new Set<string>();
  const counting = new Proxy(sql, {
    apply(target, self, given) {
      const [texts] = given;
      const query = Reflect.apply(target, self, given);
      if (!Array.isArray(texts)) return query;
      asked.push(texts.join("?"));
      return query.then((rows: { eventId: string }[]) => {
        for (const { eventId } of rows) found.add(eventId);
        return rows;
      });
    },
  });
  const read = unclearTypesReader(counting, {});
  const now = new Date("2026-03-01T00:00:00Z");
  const names = async () => (await read(now)).map(({ ticketName }) => ticketName);
  const looked = () => asked.splice(0).filter((text) => text.includes("category_ref")).length;
  expect([await names(), looked()]).toEqual([["Aftershow", "HYROX | Friday"], 1]);
  expect([await names(), looked()]).toEqual([["Aftershow", "HYROX | Friday"], 0]);
  await apply(odd("paris", "HYROX | Sunday", 2));
  expect([await names(), looked()]).toEqual([["Aftershow", "HYROX | Sunday"], 1]);
  expect([await names(), looked()]).toEqual([["Aftershow", "HYROX | Sunday"], 0]);
  // Of an event whose ticket types are all known nothing is read, as long as its row says so.
  expect([...found].sort()).toEqual(["berlin", "paris"]);
  await sql`update event_shown set in_doubt = null where event_id = 'rome'`;
  expect(await names()).toEqual(["Aftershow", "HYROX | Sunday"]);
  expect([...found].sort()).toEqual(["berlin", "paris", "rome"]);
  // What was known becomes doubtful, and the other way round.
  await apply(odd("rome", "HYROX | Friday", 3), odd("paris", "HYROX MEN | Sunday", 3));
  expect(await names()).toEqual(["Aftershow", "HYROX | Friday"]);
});
