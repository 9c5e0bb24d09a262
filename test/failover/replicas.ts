import { applyManifest } from "../../src/commands/datacore.ts";
import { loadConfig } from "../../src/config/config.ts";
import { sign } from "../../src/vivenu/signature.ts";
import { freshDatabase } from "../support/database.ts";
import { API_KEY, playOutside, reservePort } from "../support/outside.ts";
import { inherited, PROGRAM } from "../support/program.ts";
import { until } from "../support/stage.ts";

const LEASES = ["consumer", "courier", "mirror", "poller"];

/** What only a lease's holder may write. */
const GUARDED = ["outbox", "applied_fact", "reader_position", "event_version", "set_aside"];

export type World = Awaited<ReturnType<typeof raiseWorld>>;
export type Replica = Awaited<ReturnType<World["start"]>>;

/**
 * Real `serve` processes on one database, everything outside played in this one. Each replica has a
 * database user of its own, so that PostgreSQL can say who holds a lock and who wrote a row.
 */
export async function raiseWorld() {
  const own = await freshDatabase();
  const { port: nobodys, release } = reservePort();
  const outside = await playOutside({ season: "small", port: nobodys });
  await applyManifest(loadConfig({ ...outside.environment, DATABASE_URL: own.url }));
  const { sql } = own;
  const running = new Set<{ kill(signal: "SIGKILL"): void; exited: Promise<number> }>();
  await auditWrites();

  async function auditWrites() {
    await sql`create table audit (tab text not null, who text not null, at timestamptz not null)`;
    await sql`
      create function note_write() returns trigger language plpgsql as $$
      begin
        insert into public.audit values (tg_table_name, session_user, clock_timestamp());
        return null;
      end $$
    `;
    for (const table of GUARDED) {
      // Facts are enqueued by every replica; what becomes of them is the relay's.
      const event = table === "outbox" ? sql`update` : sql`insert or update or delete`;
      await sql`
        create trigger note after ${event} on ${sql(table)}
        for each statement execute function note_write()
      `;
    }
  }

  async function start(environment: Record<string, string> = {}) {
    const name = `replica_${crypto.randomUUID().slice(0, 8)}`;
    await sql`create role ${sql(name)} superuser login password 'made-up'`;
    const url = Object.assign(new URL(own.url), { username: name, password: "made-up" });
    const reserved = reservePort();
    const { port } = reserved;
    reserved.release();
    const child = Bun.spawn([process.execPath, PROGRAM, "serve"], {
      env: {
        ...environmentOf(),
        DATABASE_URL: url.href,
        PORT: String(port),
        ...environment,
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    running.add(child);
    void child.exited.then(() => running.delete(child));
    const lines: string[] = [];
    void collect(child.stdout, lines);
    const at = `http://127.0.0.1:${port}`;
    const get = (path: string) =>
      fetch(`${at}${path}`, { headers: { "x-api-key": API_KEY }, keepalive: false });
    await until(async () => (await get("/ready").catch(() => undefined))?.status === 200, {
      withinMs: 60_000,
      what: "the replica is ready",
    });
    return {
      name,
      at,
      lines,
      get,
      exited: child.exited,
      signal: (what: NodeJS.Signals) => child.kill(what),
      /** The processes that run its loops, and its reads. */
      workerPid: () => pids("worker", lines).at(-1) ?? 0,
      readsPid: () => pids("reads", lines).at(-1) ?? 0,
      /** An event under another name, as its webhook brings it; its id when it is answered 200. */
      async rename(eventName: string) {
        const { eventId, region, body, headers } = await renamed(eventName);
        const url = `${at}/webhooks/vivenu/${region}`;
        const answer = await fetch(url, { method: "POST", body, headers, keepalive: false });
        if (answer.status !== 200) throw new Error(`answered ${answer.status}`);
        return eventId;
      },
      /** How long until the API has an event under this name. */
      async sees(eventId: string, eventName: string, withinMs: number) {
        const startedAt = performance.now();
        await until(
          async () => {
            const answer = await get(`/api/events/${eventId}`);
            if (!answer.ok) return false;
            return ((await answer.json()) as { eventName?: string }).eventName === eventName;
          },
          { withinMs, what: `${eventName} in a row` },
        );
        return Math.round(performance.now() - startedAt);
      },
      /** How long until it holds every lease. */
      async leads(withinMs: number) {
        const startedAt = performance.now();
        await until(
          async () => {
            const held = await holders();
            return held.length === LEASES.length && held.every(({ who }) => who === name);
          },
          { withinMs, what: `every lease at ${name}` },
        );
        return Math.round(performance.now() - startedAt);
      },
    };
  }

  function environmentOf(): Record<string, string> {
    const sellers = outside.vivenu.accounts.map(({ region, sellerId }) => [
      `${region}_SELLER_ID`,
      sellerId,
    ]);
    return {
      ...inherited(),
      ...outside.environment,
      ...Object.fromEntries(sellers),
      POLL_INTERVAL: "1",
    };
  }

  async function renamed(name: string) {
    const [account] = outside.vivenu.accounts;
    if (!account) throw new Error("the played Vivenu has no accounts");
    const { region, hmacKey, sellerId } = account;
    const event = { ...(await someEvent()), name, updatedAt: new Date().toISOString() };
    const delivery = {
      ...{ id: crypto.randomUUID(), sellerId, type: "event.updated", mode: "dev" },
      data: { event },
    };
    const body = new TextEncoder().encode(JSON.stringify(delivery));
    return {
      ...{ eventId: event._id, region, body },
      headers: { "x-vivenu-signature": sign(body, hmacKey) },
    };
  }

  let kept: Promise<{ _id: string }> | undefined;
  function someEvent() {
    kept ??= (async () => {
      const answer = await fetch(`${outside.vivenu.url}/api/events?top=1&skip=0`, {
        headers: { authorization: `Bearer ${outside.vivenu.accounts[0]?.apiKey}` },
      });
      const { rows } = (await answer.json()) as { rows: { _id: string }[] };
      const [event] = rows;
      if (!event) throw new Error("the played Vivenu has no events");
      return event;
    })();
    return kept;
  }

  const holders = () => sql<{ lease: string; who: string }[]>`
    select replace(application_name, 'vivenu-event-monitor lease ', '') as lease, usename as who
    from pg_locks join pg_stat_activity using (pid)
    where locktype = 'advisory' and granted and datname = current_database()
      and application_name like 'vivenu-event-monitor lease %'
    order by lease
  `;

  return {
    own,
    outside,
    start,
    environment: environmentOf,
    async holders() {
      return [...(await holders())];
    },
    /** The sessions that wait for a lease or hold it. */
    contenders: () => sql<{ lease: string; who: string }[]>`
      select replace(application_name, 'vivenu-event-monitor lease ', '') as lease, usename as who
      from pg_stat_activity
      where datname = current_database()
        and application_name like 'vivenu-event-monitor lease %'
      order by lease, who
    `,
    /** The tables that a replica has written since, of those that only a holder may write. */
    async writes({ name }: { name: string }, since: Date) {
      const rows = await sql<{ tab: string; at: Date }[]>`
        select tab, at from audit where who = ${name} and at > ${since} order by at
      `;
      return [...rows];
    },
    async [Symbol.asyncDispose]() {
      for (const child of [...running]) {
        child.kill("SIGKILL");
        await child.exited;
      }
      release();
      await outside[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    },
  };
}

/** Of the processes that it started, one after the other. */
const pids = (part: string, lines: string[]) =>
  lines.flatMap((line) => {
    const [, name, pid] = /"part":"(\w+)","pid":(\d+),"event":"part.started"/.exec(line) ?? [];
    return name === part ? Number(pid) : [];
  });

async function collect(stream: ReadableStream<Uint8Array>, lines: string[]) {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
  }
}

export { LEASES };
