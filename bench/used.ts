import { readdirSync, readFileSync } from "node:fs";
import type postgres from "postgres";
import { cpuSecondsOf } from "./cpu.ts";
import { say } from "./load.ts";
import type { Stack } from "./stack.ts";

/** What the service's processes, PostgreSQL and the played world have used so far. */
export async function usedBy(stack: Stack, sql: postgres.Sql): Promise<Map<string, number>> {
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
  const { user, system } = process.cpuUsage();
  return new Map([
    ...Object.entries(processes).map(([what, pid]) => [what, cpuSecondsOf(pid) ?? 0] as const),
    ["CPU of the load itself, s", (user + system) / 1_000_000],
    ["commits", database?.commits ?? 0],
    ["flushes of the WAL", database?.syncs ?? 0],
  ]);
}

/** What was used between two looks, in all and for each delivery. */
export function sayUsed(
  before: Map<string, number>,
  after: Map<string, number>,
  deliveries: number,
): void {
  for (const [what, amount] of after) {
    const more = amount - (before.get(what) ?? 0);
    const each = what.startsWith("CPU")
      ? `${((more * 1_000) / deliveries).toFixed(2)} ms`
      : (more / deliveries).toFixed(2);
    say(`  ${what.padEnd(32)} ${more.toFixed(1).padStart(8)}, ${each} a delivery`);
  }
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
  return { "CPU of the service, all of it, s": pid, ...found };
}
