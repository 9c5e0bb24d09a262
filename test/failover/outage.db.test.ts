import { expect, test } from "bun:test";
import { enqueue } from "../../src/datacore/outbox.ts";
import { eventUpdated, salesCounted, ticketType, typeCount } from "../support/facts.ts";
import { runs } from "../support/runs.ts";
import { until } from "../support/stage.ts";
import { raiseService, shiftedClock } from "./service.ts";

const HOUR_MS = 3_600_000;
/** Fewer than the long run has, and facts enough for many pages of the log. */
const EVENTS = Math.min(40, runs(16));
const VERSIONS = 72;
const WEBHOOKS_AN_HOUR = 4;

test("a day without Flowcore: webhooks are answered, the backlog is shown, and drains while reads are answered", async () => {
  const clock = shiftedClock();
  await using stage = await raiseService(clock);
  const service = await stage.start();
  const { datacore } = stage.outside;
  const [event] = await stage.events();
  datacore.faults.set({ failBefore: { status: 503 } });
  const begunAt = clock.now();

  const took: number[] = [];
  for (let hour = 0; hour < 24; hour += 1) {
    const facts = Array.from({ length: EVENTS }, (_, n) => manyTypes(n, hour, clock.now()));
    await enqueue(stage.sql, facts.flat(), clock.now());
    const send = async (_: unknown, n: number) => {
      const startedAt = performance.now();
      expect(await service.webhook({ ...event, name: `HYROX ${hour} ${n}` })).toBe(200);
      took.push(performance.now() - startedAt);
    };
    await Promise.all(Array.from({ length: WEBHOOKS_AN_HOUR }, send));
    clock.forward(HOUR_MS);
  }
  await until(async () => Number((await inbox())?.waiting) === 0, {
    withinMs: 60_000,
    what: "every webhook is a fact",
  });
  const { outbox, problems } = await service.status();
  expect(outbox.waiting).toBeGreaterThanOrEqual(EVENTS * VERSIONS);
  expect(Math.abs(Date.parse(outbox.oldestWaitingAt ?? "") - begunAt.getTime())).toBeLessThan(
    60_000,
  );
  const waiting = outbox.waiting.toLocaleString("en");
  expect(problems.join("\n")).toContain(`${waiting} facts wait in the outbox since`);
  // What is counted meanwhile may be a fact more between the two answers.
  await until(
    async () => {
      const metric = await service.metric("outbox_waiting_facts");
      return metric === (await service.status()).outbox.waiting;
    },
    { withinMs: 5_000, what: "the same number in the metrics and in /status" },
  );
  expect(await service.metric("outbox_oldest_waiting_seconds")).toBeGreaterThan(23 * 3_600);
  const calm = await readTimes(() => Promise.resolve(false), 20);

  datacore.faults.clear();
  clock.forward(60_000);
  const startedAt = performance.now();
  let drainedAt = 0;
  const busy = await readTimes(async () => {
    const { waiting } = (await service.status()).outbox;
    if (waiting === 0) drainedAt = performance.now();
    return waiting === 0;
  }, 10_000);
  const perMinute = Math.round((outbox.waiting / (drainedAt - startedAt)) * 60_000);
  process.stderr.write(
    `outage: ${outbox.waiting} facts drained at ${perMinute} a minute; webhooks p95 ${p95(took)} ms; reads p95 ${p95(calm)} ms before, ${p95(busy)} ms meanwhile\n`,
  );
  expect(perMinute).toBeGreaterThan(3_000);
  expect(p95(busy)).toBeLessThan(1_000);
  const [count] = await stage.sql<{ facts: number }[]>`
    select count(distinct fact_key)::int as facts from event_version
  `;
  // Two of three are of an event; the others are counts.
  expect(count?.facts).toBeGreaterThanOrEqual((EVENTS * VERSIONS * 2) / 3);
  await service.stop();

  async function inbox() {
    const [row] = await stage.sql<{ waiting: number }[]>`
      select count(*)::int as waiting from inbox where translated_at is null
    `;
    return row;
  }

  async function readTimes(isOver: () => Promise<boolean>, most: number) {
    const times: number[] = [];
    for (let n = 0; n < most && !(await isOver()); n += 1) {
      const before = performance.now();
      expect((await service.get("/api/events?limit=50")).status).toBe(200);
      times.push(performance.now() - before);
      await Bun.sleep(20);
    }
    return times;
  }
});

/** Some versions and counts of one event, each of several ticket types. */
function manyTypes(n: number, hour: number, at: Date) {
  const eventId = `68f0000000000000000${String(n).padStart(5, "0")}`;
  const ids = Array.from({ length: 3 }, (_, type) => `type-${type}`);
  return Array.from({ length: Math.round(VERSIONS / 24) }, (_, version) => {
    const moment = new Date(at.getTime() + version * 1_000).toISOString();
    if (version % 2 === 1)
      return salesCounted({
        ...{ eventId, countedAt: moment },
        ticketTypes: ids.map((ticketTypeId) => typeCount({ ticketTypeId, sold: hour + version })),
      });
    return eventUpdated({
      ...{ eventId, name: `HYROX of the day ${n}`, updatedAt: moment, observedAt: moment },
      ticketTypes: ids.map((ticketTypeId) => ticketType({ ticketTypeId, amount: hour + version })),
    });
  });
}

const p95 = (times: number[]) =>
  Math.round(times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0);
