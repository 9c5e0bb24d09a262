import type { Pool } from "../../database/connect.ts";
import { type Finding, unchecked, wrong } from "./finding.ts";

const CHECK = "database";
/** Beside the pool: sessions that listen, and that hold leases. */
const BESIDE_POOL = 6;
/** Pods of a rolling update of two replicas. */
const PODS = 3;

/** How many connections the service may have, whatever limits them: the server, the database or the role. */
export async function checkConnections(sql: Pool, poolSize: number): Promise<Finding[]> {
  const [limit] = await sql<{ most: number }[]>`
    select least(
      current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0),
      (select nullif(datconnlimit, -1) from pg_database where datname = current_database()),
      (select nullif(rolconnlimit, -1) from pg_roles where rolname = current_user)
    ) as most
  `;
  const { most = Number.POSITIVE_INFINITY } = limit ?? {};
  const each = poolSize + BESIDE_POOL;
  const replicas = Math.floor(most / each);
  if (replicas >= PODS) return [];
  const told = `it takes ${most} connections of this user, and a replica has up to ${each}`;
  const mend = `raise its limit (max_connections, or that of the database or the role), or lower DATABASE_POOL to ${Math.max(5, Math.floor(most / PODS) - BESIDE_POOL)}`;
  return replicas === 0
    ? [wrong(CHECK, told, mend)]
    : [
        unchecked(
          CHECK,
          `${told}: a rolling update of two replicas has three for a while; ${mend}`,
        ),
      ];
}
