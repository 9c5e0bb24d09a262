import { readdirSync, readFileSync } from "node:fs";
import type { Pool } from "../src/database/connect.ts";

/** What Linux counts a process's time in. */
const TICKS_A_SECOND = 100;

/**
 * Seconds of CPU that a process and all its children have had, those that ended as well: a machine that
 * others use makes everything slower, and this far less so. Nothing where there is no `/proc`.
 */
export function cpuSecondsOf(pid: number): number | undefined {
  const all = readdirSync("/proc", { withFileTypes: true }).filter(({ name }) =>
    /^\d+$/.test(name),
  );
  const times = all.flatMap(({ name }) => timesOf(name) ?? []);
  const root = times.find((process) => process.pid === pid);
  if (!root) return undefined;
  const children = times.filter(({ parent }) => parent === pid);
  const ticks = [root, ...children].reduce((sum, { own }) => sum + own, root.ended);
  return ticks / TICKS_A_SECOND;
}

/** The process of this PostgreSQL that all its others are children of. */
export async function postmasterOf(sql: Pool): Promise<number | undefined> {
  const [row] = await sql<{ content: string }[]>`select pg_read_file('postmaster.pid') as content`;
  return row && Number(row.content.split("\n")[0]);
}

export function cpuSecondsOfThisProcess(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

function timesOf(pid: string) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name may hold blanks; what follows it does not.
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [, parent = 0] = fields;
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
    return { pid: Number(pid), parent, own: user + system, ended: endedUser + endedSystem };
  } catch {
    // It ended meanwhile.
    return undefined;
  }
}
