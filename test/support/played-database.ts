import postgres from "postgres";
import { createDatabase, LARGE_BYTES } from "./database.ts";

/** Those that no test has at the moment. What was in them is gone, and their connections know them. */
const free: Awaited<ReturnType<typeof makeOne>>[] = [];

/**
 * Of a played system, which has none of the service's limits: a season takes the time that it takes. A process
 * makes as many as its tests have at one time, for most of what one costs is its connections.
 */
export async function playedDatabase() {
  const own = free.pop() ?? (await makeOne());
  const { name, url, pools } = own;
  const loan = lend();
  let given = 0;
  const connect = () => {
    const pool = pools[given] ?? open(url);
    pools[given] = pool;
    given += 1;
    return loan.of(pool);
  };
  return {
    ...{ name, url, sql: connect() },
    /** Another pool on the same database, as another played system has. */
    connect,
    async [Symbol.asyncDispose]() {
      const isQuiet = (await loan.end()) && (await isIdle(own.sql));
      if (isQuiet) await empty(own.sql);
      if (isQuiet) free.push(own);
      // Nobody gets what something is still done to: it goes with the run's server.
      else await Promise.all(pools.map((pool) => pool.end({ timeout: 1 })));
    },
  };
}

const QUIET_WITHIN_MS = 2_000;

const open = (url: string) => postgres(url, { max: 8, onnotice: () => {} });

async function makeOne() {
  const { name, url, sql } = await createDatabase({ open });
  return { name, url, sql, pools: [sql] };
}

/** Whatever a played system still does after its test fails, instead of reaching the next one's. */
function lend() {
  const underWay = new Set<PromiseLike<unknown>>();
  let isOver = false;
  const check = () => {
    if (isOver) throw new Error("the test that had this database is over");
  };
  const held = (work: PromiseLike<unknown>) => {
    underWay.add(work);
    const isDone = () => void underWay.delete(work);
    work.then(isDone, isDone);
    return work;
  };
  return {
    of: (pool: postgres.Sql): postgres.Sql =>
      new Proxy(pool, {
        get(target, name) {
          if (name === "end") return async () => {};
          check();
          const value = Reflect.get(target, name);
          if (name !== "begin") return value;
          return (...given: unknown[]) => held(Reflect.apply(value, target, given));
        },
        apply(target, self, given) {
          check();
          return Reflect.apply(target, self, given);
        },
      }),
    /** Whether all that was begun has come to its end. */
    async end() {
      isOver = true;
      await Promise.race([Promise.allSettled([...underWay]), Bun.sleep(QUIET_WITHIN_MS)]);
      return underWay.size === 0;
    },
  };
}

async function isIdle(sql: postgres.Sql) {
  const isOver = performance.now() + QUIET_WITHIN_MS;
  while (performance.now() < isOver) {
    const [busy] = await sql`
      select from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'
    `;
    if (!busy) return true;
    await Bun.sleep(5);
  }
  return false;
}

/** A service account keeps its key, which takes a tenth of a second to make. */
async function empty(sql: postgres.Sql) {
  // What refers to a table was made after it.
  const tables = await sql<{ name: string; isLarge: boolean }[]>`
    select oid::regclass::text as name, pg_relation_size(oid) > ${LARGE_BYTES} as "isLarge"
    from pg_class
    where relkind = 'r' and relname <> 'account'
      and relnamespace in (select oid from pg_namespace where nspname in ('datacore', 'sheets'))
    order by pg_class.oid desc
  `;
  const names = tables.map(({ name }) => name);
  const emptied = tables.some(({ isLarge }) => isLarge)
    ? [`truncate ${names.join()}`]
    : names.map((name) => `delete from ${name}`);
  await sql.unsafe(["drop schema if exists vivenu cascade", ...emptied].join(";")).simple();
  await sql`
    select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    from pg_sequences where schemaname = 'datacore'
  `;
}
