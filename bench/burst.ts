import { readdirSync, readFileSync } from "node:fs";
import postgres from "postgres";
import { cpuSecondsOf } from "./cpu.ts";
import { describeMs, say } from "./load.ts";
import { signedWebhooks } from "./signed.ts";
import type { Stack } from "./stack.ts";

const BURST = 1_500;
const AT_ONCE = 50;
const GIVEN_UP_MS = 300_000;

/**
 * So many events change at once: how many a second are rows, from the first that was sent to the last,
 * and where a delivery's time goes: when each step was through with the last of them, and what CPU,
 * transactions and flushes of the write-ahead log it took.
 */
export async function burst(stack: Stack): Promise<void> {
  const name = `burst ${crypto.randomUUID().slice(0, 8)}`;
  const eventIds = Array.from({ length: BURST }, (_, n) => `68fb0000000000000000${1_000 + n}`);
  const send = signedWebhooks(stack, { type: "event.updated", bytes: 10_000, eventIds, name });
  const sql = postgres(stack.databaseUrl, { max: 1 });
  const before = await usedBy(stack, sql);
  const startedAt = performance.now();
  const startedOn = new Date();
  const ms: number[] = [];
  let failed = 0;
  let next = 0;
  const sender = async () => {
    for (let index = next++; index < BURST; index = next++) {
      const sentAt = performance.now();
      const { ok } = await send(stack.url)(index);
      if (!ok) failed += 1;
      ms.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  const sentMs = performance.now() - startedAt;
  let rows = 0;
  while (rows < BURST && performance.now() - startedAt < GIVEN_UP_MS) {
    await Bun.sleep(100);
    const [found] = await sql<{ rows: number }[]>`
      select count(*)::int as rows from event where name like ${`HYROX ${name} %`}
    `;
    rows = found?.rows ?? 0;
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const used = await usedBy(stack, sql);
  const steps = await stepsSince(sql, startedOn);
  await sql.end({ timeout: 5 });
  ms.sort((a, b) => a - b);
  say(`\na burst of ${BURST} event.updated of 10 KB, ${AT_ONCE} at a time, each of another event`);
  say(`  answered ${describeMs({ ms, failed })}; all in ${(sentMs / 1_000).toFixed(1)} s`);
  say(`  ${rows} in rows after ${seconds.toFixed(1)} s: ${Math.round(rows / seconds)} a second`);
  say(`  the last of them ${steps}`);
  for (const [what, amount] of used) {
    const more = amount - (before.get(what) ?? 0);
    const each = what.startsWith("CPU")
      ? `${((more * 1_000) / BURST).toFixed(2)} ms`
      : (more / BURST).toFixed(2);
    say(`  ${what.padEnd(28)} ${more.toFixed(1).padStart(8)}, ${each} a delivery`);
  }
}

/** When the inbox, the outbox relay and the consumer had done the last of them. */
async function stepsSince(sql: postgres.Sql, since: Date): Promise<string> {
  const [found] = await sql<Record<string, number | null>[]>`
    select
      (select extract(epoch from max(translated_at) - ${since})::float from inbox) as translated,
      (select extract(epoch from max(sent_at) - ${since})::float from outbox) as sent,
      (select extract(epoch from max(confirmed_at) - ${since})::float from outbox) as "read back"
  `;
  return Object.entries(found ?? {})
    .map(([step, seconds]) => `${step} after ${(seconds ?? Number.NaN).toFixed(1)} s`)
    .join(", ");
}

/** What the service's processes, PostgreSQL and the played world have used so far. */
async function usedBy(stack: Stack, sql: postgres.Sql): Promise<Map<string, number>> {
  const [database] = await sql<{ commits: number; syncs: number }[]>`
    select
      (select xact_commit::float from pg_stat_database where datname = current_database()) as commits,
      (select sum(fsyncs)::float from pg_stat_io where object = 'wal') as syncs
  `;
  const [file] = await sql<{ content: string }[]>`select pg_read_file('postmaster.pid') as content`;
  const processes = {
    "CPU of PostgreSQL, s": Number(file?.content.split("\n")[0]),
    ...processesOf(stack.pid),
    "CPU of the played world, s": stack.worldPid,
  };
  return new Map([
    ...Object.entries(processes).map(([what, pid]) => [what, cpuSecondsOf(pid) ?? 0] as const),
    ["commits", database?.commits ?? 0],
    ["flushes of the WAL", database?.syncs ?? 0],
  ]);
}

/** By the part that each was started for. */
function processesOf(pid: number): Record<string, number> {
  const found: Record<string, number> = {};
  for (const child of readdirSync(`/proc/${pid}/task/${pid}`).includes("children")
    ? readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")
    : []) {
    const part = /--part\0(\w+)/.exec(readFileSync(`/proc/${child}/cmdline`, "utf8"))?.[1];
    if (part) found[`CPU of the ${part}, s`] = Number(child);
  }
  return { "CPU of the service, s": pid, ...found };
}
