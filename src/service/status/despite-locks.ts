import { readBlockers } from "../../database/blockers.ts";
import type { Sql } from "../../database/connect.ts";
import { Failure } from "../../lib/failure.ts";
import { TookTooLong, within } from "../../lib/time-limit.ts";

/** A query takes some hundredths of a second; PostgreSQL itself gives one up after 9 s. */
const SLOW_MS = 2_000;
/** So much longer a query may take although somebody waits for a lock, which may be none of its. */
const LONGER_MS = 2_000;

/**
 * What is read, or an outage that names whose lock keeps it from being read: a table that another
 * session has for itself stops the readers too, and PostgreSQL's own words say nothing of it.
 */
export async function despiteLocks<Read>(
  sql: Sql,
  read: () => Promise<Read>,
  alsoWrong: () => string[],
): Promise<Read> {
  const query = read();
  const quick = await endedWithin(SLOW_MS, query);
  if (quick) return quick.result;
  const blockers = await within(LONGER_MS, () => readBlockers(sql)).catch(() => []);
  if (blockers.length === 0) return query;
  const late = await endedWithin(LONGER_MS, query);
  if (late) return late.result;
  throw new Failure("unavailable", [...blockers, ...alsoWrong()].join(" "));
}

/** Undefined when the time is over first; what fails meanwhile fails here. */
const endedWithin = <Read>(ms: number, query: Promise<Read>) =>
  within(ms, async () => ({ result: await query })).catch((error: unknown) => {
    if (error instanceof TookTooLong) return undefined;
    throw error;
  });
