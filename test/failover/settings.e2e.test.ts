import { expect, test } from "bun:test";
import { buildDatacore } from "../../src/commands/build/build-datacore.ts";
import { rowsVersion } from "../../src/database/migrations.ts";
import { provision } from "../../src/datacore/provision.ts";
import { timeBucketOf } from "../../src/datacore/time-bucket.ts";
import { eventUpdated } from "../support/facts.ts";
import { inherited, PROGRAM } from "../support/program.ts";
import { until } from "../support/stage.ts";
import { raiseService, shiftedClock } from "./service.ts";

const HOUR_MS = 3_600_000;
const named = (name: string) => eventUpdated({ eventId: name, name });

type Service = Awaited<ReturnType<Awaited<ReturnType<typeof raiseService>>["start"]>>;

/** What reads is another process: until it is up there is a 503. */
const namesIn = async (service: Service) => {
  const { events } = (await until(
    async () => {
      const answer = await service.get("/api/events?limit=200");
      return answer.ok && answer.json();
    },
    { withinMs: 45_000, what: "events are read" },
  )) as { events: { eventName: string }[] };
  return events.map(({ eventName }) => eventName).sort();
};

const settles = (service: Service, names: string[]) =>
  until(async () => (await namesIn(service)).join() === names.join(), {
    withinMs: 45_000,
    what: names.join(),
  });

test("PROCESS_BACKLOG_ON_STARTUP reads the newest BACKLOG_TIME_BUCKETS hours, and without it none is read again", async () => {
  const clock = shiftedClock();
  // Nothing but the backlog finds what comes late.
  await using stage = await raiseService(clock, {
    ...{ READ_TAIL: "0", READ_OVERLAP: "1", READ_PREVIOUS_BUCKET: "0", READ_CLOCK_SKEW: "0" },
    ...{ READ_SWEEP: "0", READ_ON_START: "0", PROCESS_BACKLOG_ON_STARTUP: "off" },
  });
  const { datacore: played } = stage.outside;
  const datacore = buildDatacore(stage.config);
  // The hours are held against real ones: away from the end of one.
  clock.forward(-6 * HOUR_MS);
  for (let hour = 6; hour >= 1; hour -= 1) {
    await datacore.append(named(`seen ${hour}`));
    played.faults.set({ visibilityDelay: { minMs: 100 * HOUR_MS, maxMs: 100 * HOUR_MS } });
    await datacore.append(named(`late ${hour}`));
    played.faults.clear();
    clock.forward(HOUR_MS);
  }
  const seen = [1, 2, 3, 4, 5, 6].map((hour) => `seen ${hour}`);
  const first = await stage.start();
  await settles(first, seen);
  await until(async () => (await first.status()).problems.every((one) => !/last read/.test(one)), {
    withinMs: 45_000,
    what: "the position is at the end",
  });
  await first.stop();
  await played.reveal();

  const without = await stage.start();
  const startedAt = clock.now();
  await until(async () => (await readAt()) > startedAt, { withinMs: 45_000, what: "a whole pass" });
  expect(await namesIn(without)).toEqual(seen);
  await without.stop();

  const some = await stage.start({ PROCESS_BACKLOG_ON_STARTUP: "on", BACKLOG_TIME_BUCKETS: "2" });
  await settles(some, ["late 1", "late 2", ...seen]);
  await some.stop();
  const all = await stage.start({ PROCESS_BACKLOG_ON_STARTUP: "on", BACKLOG_TIME_BUCKETS: "100" });
  await settles(all, [...seen.map((name) => name.replace("seen", "late")), ...seen]);
  await all.stop();
  datacore.close();

  async function readAt() {
    const [row] = await stage.sql<{ at: Date }[]>`
      select min(read_at) as at from reader_position
    `;
    return row?.at ?? new Date(0);
  }
});

test("a fact that breaks its contract and one of an unknown type are set aside, shown, and put back by a command", async () => {
  const clock = shiftedClock();
  await using stage = await raiseService(clock);
  const { tenant, dataCore, baseUrl, apiKey } = stage.config.flowcore;
  const to = { tenant, dataCore, baseUrl, apiKey: apiKey.reveal() };
  const created = await provision(to, {
    dataCore: {
      ...{ name: dataCore, description: "", deleteProtection: true, isPublic: false },
      flowTypes: {
        "vivenu.event.0": { description: "", eventTypes: { "event.eaten.0": { description: "" } } },
      },
    },
  });
  expect(created.created).toEqual(["vivenu.event.0/event.eaten.0"]);
  const ingest = async (eventType: string, payload: unknown) => {
    const url = `${baseUrl}/event/${tenant}/${created.dataCoreId}/vivenu.event.0/${eventType}`;
    const answer = await fetch(url, {
      method: "POST",
      headers: { authorization: apiKey.reveal(), "content-type": "application/json" },
      body: JSON.stringify(payload),
    });
    return ((await answer.json()) as { eventId: string }).eventId;
  };
  const mended = await ingest("event.updated.0", named("mended").payload);
  // As this program left it before a mend: what an older one left is tried again at the start.
  await stage.sql`
    insert into applied_fact (fact_id, flow_type, stored_at, read_by)
    values (${mended}, 'vivenu.event.0', now(), ${rowsVersion.number})
  `;
  await stage.sql`
    insert into set_aside (fact_id, flow_type, event_type, time_bucket, reason, set_aside_at)
    values (
      ${mended}, 'vivenu.event.0', 'event.updated.0', ${timeBucketOf(clock.now())}, 'too new', now()
    )
  `;
  const unknown = await ingest("event.eaten.0", { idempotencyKey: "eaten" });
  const broken = await ingest("event.updated.0", { ...named("broken").payload, start: "soon" });
  await ingest("event.updated.0", named("whole").payload);

  const service = await stage.start();
  await settles(service, ["whole"]);
  await until(async () => (await service.status()).setAside === 3, {
    withinMs: 45_000,
    what: "three facts are set aside",
  });
  expect((await service.status()).problems).toContain(
    "3 facts of the log could not be applied; `set-aside list` says why.",
  );
  expect(await service.metric('set_aside_facts{flow_type="vivenu.event.0"}')).toBe(3);
  expect(await service.metric('set_aside_facts{flow_type="vivenu.sales.0"}')).toBe(0);

  const listed = await command<{ factId: string; reason: string }[]>("list");
  expect(new Set(listed.said.map(({ factId }) => factId))).toEqual(
    new Set([mended, unknown, broken]),
  );
  const one = await command("retry", "--fact", mended);
  expect(one).toMatchObject({ code: 0, said: [{ factId: mended, outcome: "applied" }] });
  await settles(service, ["mended", "whole"]);
  const rest = await command<{ factId: string; outcome: string; reason: string }[]>("retry");
  expect(rest.code).toBe(1);
  expect(rest.said).toHaveLength(2);
  expect(rest.said.find(({ factId }) => factId === unknown)).toMatchObject({
    ...{ outcome: "kept", reason: "no contract of this name" },
  });
  expect(rest.said.find(({ factId }) => factId === broken)?.reason).toContain("start");
  expect((await service.status()).setAside).toBe(2);
  await service.stop();

  async function command<Said>(...words: string[]) {
    const child = Bun.spawn([process.execPath, PROGRAM, "set-aside", ...words], {
      env: { ...inherited(), ...stage.environment },
      stdout: "pipe",
      stderr: "ignore",
    });
    const text = await new Response(child.stdout).text();
    // The cast: the command's own JSON, held by what the test expects of it.
    return { said: JSON.parse(text) as Said, code: await child.exited };
  }
});

test("a log that refuses the key stops the reader, says so in /status, and is read when it is mended", async () => {
  const clock = shiftedClock();
  await using stage = await raiseService(clock);
  const datacore = buildDatacore(stage.config);
  const service = await stage.start();
  await until(async () => (await stage.sql`select from lease`).length > 2, {
    withinMs: 45_000,
    what: "its turn",
  });
  const standby = await stage.start();
  const { faults } = stage.outside.datacore;
  const said = async () => (await service.status()).problems.join("\n");
  const seen: string[] = [];
  for (const [fault, words] of [
    ["revokedKey", "does not accept the API key (401)"],
    ["forbidden", "does not allow this to the API key (403)"],
  ] as const) {
    faults.set({ [fault]: { on: "read" } });
    await until(
      async () => (await said()).includes(`consumer of vivenu.event.0: Flowcore ${words}`),
      { withinMs: 45_000, what: words },
    );
    // Appended earlier it could be the answer to a read that was under way when the key began to be refused.
    await datacore.append(named(fault));
    await until(async () => (await standby.status()).problems.join("\n").includes(words), {
      withinMs: 45_000,
      what: "the other replica says so",
    });
    expect(await namesIn(service)).toEqual(seen);
    faults.clear();
    seen.push(fault);
    seen.sort();
    await settles(service, seen);
    // Each flow type has a reader of its own, and this one read a row of one of them.
    for (const replica of [service, standby])
      await until(async () => !(await replica.status()).problems.join("\n").includes("API key"), {
        withinMs: 45_000,
        what: "no replica says so any more",
      });
  }
  await standby.stop();
  datacore.close();
  await service.stop();
});

test("a fact that Flowcore took and lost is sent again after UNCONFIRMED_AFTER, and counted", async () => {
  const clock = shiftedClock();
  await using stage = await raiseService(clock, { UNCONFIRMED_AFTER: "1" });
  stage.outside.datacore.faults.set({ silentDrop: { next: 1 } });
  const service = await stage.start();
  const [event] = await stage.events();
  expect(await service.webhook({ ...event, name: "HYROX lost and sent again" })).toBe(200);
  await settles(service, ["HYROX lost and sent again"]);
  // On a slow machine the second one may be unread for a while as well.
  expect(await service.metric("facts_resent_total")).toBeGreaterThanOrEqual(1);
  expect((await service.status()).outbox.waiting).toBe(0);
  await service.stop();
});
