import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sendAtRate } from "../../bench/load.ts";
import { applyManifest } from "../../src/commands/datacore.ts";
import { loadConfig } from "../../src/config/config.ts";
import { sign } from "../../src/vivenu/signature.ts";
import { freshDatabase } from "../support/database.ts";
import { API_KEY, playOutside, reservePort } from "../support/outside.ts";
import { until } from "../support/stage.ts";
import { note, type Program, programs } from "./process.ts";

export interface RollingOptions {
  perSecond: number;
  /** How often each of the two replicas is replaced. */
  rounds: number;
}

export interface RollingReport {
  sent: number;
  /** Answers other than 2xx, and webhooks that no replica answered. */
  failed: number;
  /** Webhooks that the first replica asked did not answer, and another one did. */
  retried: number;
  slowestMs: number;
  /** Of each replica, how long it took to end after SIGTERM. */
  stopMs: number[];
  /** What was wrong in the end: nothing. */
  faults: string[];
  logPath: string | undefined;
}

const EVENTS = 20;
/** One webhook in so many tells of an event, the others of a ticket: as a launch looks like. */
const EVENT_EVERY = 4;
/** How often readiness is asked for: five times before a replica that ends stops taking requests. */
const PROBE_MS = 200;

/** Two replicas behind what a cluster does for them, replaced one after the other under webhooks. */
export async function rollingRestart({
  perSecond,
  rounds,
}: RollingOptions): Promise<RollingReport> {
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-rolling-"));
  const logPath = join(folder, "service.log");
  await using own = await freshDatabase();
  const unused = reservePort();
  await using outside = await playOutside({ season: "small", port: unused.port });
  const account = outside.vivenu.accounts[0];
  if (!account) throw new Error("the played Vivenu has no account");
  const environment = {
    ...outside.environment,
    ...{ HOST: "127.0.0.1", DATABASE_URL: own.url, LOG_LEVEL: "info" },
    SHUTDOWN_DRAIN: "1",
    // On a busy machine a fact may take its time; what takes too long is a dead letter, which is not asked here.
    DATABASE_TIMEOUT: "30",
    [`${account.region}_SELLER_ID`]: account.sellerId,
  };
  await applyManifest(loadConfig({ ...environment, PORT: "0" }));
  await using started = programs();
  const replica = async () => {
    const { port, release } = reservePort();
    release();
    const program = started.start(["serve"], {
      environment: { ...environment, PORT: String(port) },
      logPath,
    });
    await program.ready();
    return program;
  };
  const service = balancer(await Promise.all([replica(), replica()]));
  const stopMs: number[] = [];
  const faults: string[] = [];
  const newest = new Map<string, string>();
  const told: Record<string, number> = {};
  let over = false;

  const replacing = (async () => {
    let upcoming = replica();
    for (let left = rounds * 2; left > 0; left -= 1) {
      const old = service.replace(await upcoming);
      note(logPath, `SIGTERM to ${old.pid}`);
      const askedAt = performance.now();
      old.kill("SIGTERM");
      // The next one starts meanwhile.
      if (left > 1) upcoming = replica();
      const code = await old.exited;
      stopMs.push(Math.round(performance.now() - askedAt));
      if (code !== 0) faults.push(`a replica ended with ${code}`);
    }
    over = true;
  })();

  const startedAt = Date.now();
  const send = (index: number) => {
    const { id, body } = webhook(index, { started: startedAt, sellerId: account.sellerId });
    if (id !== undefined) {
      newest.set(id, `HYROX rolling ${index}`);
      told[id] = (told[id] ?? 0) + 1;
    }
    return service.post(`/webhooks/vivenu/${account.region}`, body, {
      "x-vivenu-signature": sign(body, account.hmacKey),
    });
  };
  let sent = 0;
  let failed = 0;
  let slowestMs = 0;
  let isLast = false;
  while (!isLast) {
    // Another second after the replacing is over: the replicas that came have to answer by themselves.
    isLast = over;
    const from = sent;
    const outcome = await sendAtRate(perSecond, 1, (index) => send(from + index));
    sent += perSecond;
    failed += outcome.failed;
    slowestMs = Math.max(slowestMs, outcome.ms.at(-1) ?? 0);
  }
  await replacing;
  try {
    faults.push(...(await verdict()));
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  }
  await service.stop();
  unused.release();
  const isWell = faults.length === 0 && failed === 0;
  if (isWell) await rm(folder, { recursive: true, force: true });
  return {
    ...{ sent, failed, retried: service.retried(), slowestMs: Math.round(slowestMs), stopMs },
    faults,
    logPath: isWell ? undefined : logPath,
  };

  async function verdict(): Promise<string[]> {
    const found: string[] = [];
    const events = Object.values(told).reduce((sum, times) => sum + times, 0);
    const counts = async () =>
      (
        await own.sql<Record<string, number>[]>`
          select
            (select count(*) from inbox)::int as kept,
            (select count(*) from inbox where translated_at is null)::int as untranslated,
            (select count(*) from outbox where confirmed_at is null)::int as unconfirmed,
            (select coalesce(sum(deliveries), 0) from webhook_seen)::int as seen,
            (select count(*) from event_version)::int as versions
        `
      )[0] ?? {};
    const settled = async () => {
      const { untranslated, unconfirmed } = await counts();
      return untranslated === 0 && unconfirmed === 0;
    };
    await until(settled, { withinMs: 120_000, what: "every webhook became a confirmed fact" });
    const { kept, seen, versions } = await counts();
    // One that was kept before its replica ended and then sent once more is noted twice, and kept once.
    if (kept !== events) found.push(`${kept} deliveries of events were kept, not ${events}`);
    if ((seen ?? 0) < sent) found.push(`${seen} webhooks were noted, and ${sent} were sent`);
    if (versions !== events) found.push(`${versions} versions of events, not ${events}`);
    for (const [id, name] of newest) {
      const response = await service.get(`/api/events/${id}`);
      const { eventName } = (await response.json()) as { eventName?: string };
      if (eventName !== name) found.push(`event ${id} is called ${eventName}, not ${name}`);
    }
    return found;
  }
}

/** Different bytes each time. The events are nowhere but in webhooks: what is lost stays lost. */
function webhook(index: number, { started, sellerId }: { started: number; sellerId: string }) {
  const encode = (type: string, data: object) =>
    new TextEncoder().encode(
      JSON.stringify({ id: crypto.randomUUID(), sellerId, type, mode: "dev", data }),
    );
  const id = `68e0000000000000000000${(10 + (index % EVENTS)).toString(16).padStart(2, "0")}`;
  if (index % EVENT_EVERY !== 0)
    return { id: undefined, body: encode("ticket.updated", { ticket: { eventId: id } }) };
  const event = {
    ...{ _id: id, sellerId, name: `HYROX rolling ${index}`, tickets: [] },
    ...{ start: "2031-05-01T06:00:00.000Z", end: "2031-05-02T20:00:00.000Z" },
    updatedAt: new Date(started + index).toISOString(),
  };
  return { id, body: encode("event.updated", { event }) };
}

/** A cluster's service: asks in turn those that say they are ready, and the other one if one is gone. */
function balancer(programs: Program[]) {
  const replicas = [...programs];
  const rotation = new Set(programs);
  let turn = 0;
  let retried = 0;
  const probe = setInterval(async () => {
    for (const program of [...replicas, ...leaving]) {
      const ready = await program.isReady();
      if (ready && replicas.includes(program)) rotation.add(program);
      if (!ready) rotation.delete(program);
    }
  }, PROBE_MS);
  const leaving = new Set<Program>();

  function next(except?: Program) {
    const ready = [...rotation].filter((program) => program !== except);
    turn += 1;
    return ready[turn % ready.length];
  }

  async function ask(path: string, init: RequestInit): Promise<Response> {
    const first = next();
    if (!first) throw new Error("no replica is ready");
    try {
      return await fetch(`${first.url}${path}`, init);
    } catch (error) {
      const other = next(first);
      if (!other) throw error;
      retried += 1;
      return fetch(`${other.url}${path}`, init);
    }
  }

  return {
    retried: () => retried,
    post: (path: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
      ask(path, { method: "POST", body, headers }),
    get: (path: string) => ask(path, { headers: { "x-api-key": API_KEY } }),
    /** The new one is in the rotation at once; the old one until it says that it is not ready. */
    replace(program: Program): Program {
      const old = replicas.shift();
      if (!old) throw new Error("there is no replica to replace");
      replicas.push(program);
      rotation.add(program);
      leaving.add(old);
      void old.exited.finally(() => {
        leaving.delete(old);
        rotation.delete(old);
      });
      return old;
    },
    async stop() {
      clearInterval(probe);
      for (const program of replicas) program.kill("SIGTERM");
      await Promise.all(replicas.map(({ exited }) => exited));
    },
  };
}
