import { Failure } from "../lib/failure.ts";
import type { Sql } from "./connect.ts";

/** What of a database or of its user's settings the service cannot work with, and what mends it. */
export interface Unsuited {
  what: string;
  mend: string;
  /** Which migrations cannot be made so, or should not: none at all, or the first ones. */
  stops?: "migrations" | "first migrations";
  /** It may pass by itself: a failover. */
  mayPass?: boolean;
}

interface Settings {
  database: string;
  user: string;
  encoding: string;
  /** Where tables are made; null where nowhere. */
  schema: string | null;
  /** Null where the schema is not there. */
  mayMakeTables: boolean | null;
  mayMakeSchemas: boolean;
  isReadOnly: boolean;
  isStandby: boolean;
  isolation: string;
  /** Null before PostgreSQL 17. */
  transactionTimeout: string | null;
}

const SCHEMA = "public";

/** Looks at what PostgreSQL says of itself and of this session; writes nothing. */
export async function readUnsuited(sql: Sql): Promise<Unsuited[]> {
  const [found] = await sql<Settings[]>`
    select
      current_database() as database,
      current_user as user,
      current_setting('server_encoding') as encoding,
      current_schema() as schema,
      has_schema_privilege(to_regnamespace(${SCHEMA})::oid, 'CREATE') as may_make_tables,
      has_database_privilege(current_database(), 'CREATE') as may_make_schemas,
      current_setting('transaction_read_only') = 'on' as is_read_only,
      pg_is_in_recovery() as is_standby,
      current_setting('default_transaction_isolation') as isolation,
      current_setting('transaction_timeout', true) as transaction_timeout
  `;
  return found ? unsuitedOf(found) : [];
}

function unsuitedOf(found: Settings): Unsuited[] {
  const database = quoted(found.database);
  const user = quoted(found.user);
  const unsuited: Unsuited[] = [];
  if (found.encoding !== "UTF8")
    unsuited.push({
      what: `its encoding is ${found.encoding}, which cannot keep every name that Vivenu sends`,
      mend: "name another database to DATABASE_URL, made by: create database <name> encoding 'UTF8' template template0",
      stops: "first migrations",
    });
  if (found.isStandby)
    unsuited.push({
      what: "it is a standby, which takes no writes",
      mend: "give DATABASE_URL the primary",
      stops: "migrations",
      mayPass: true,
    });
  else if (found.isReadOnly)
    unsuited.push({
      what: "it is read-only (default_transaction_read_only)",
      mend: `alter database ${database} reset default_transaction_read_only, or the same of the role ${user}; a managed one may be so because its disk is full`,
      stops: "migrations",
      mayPass: true,
    });
  if (found.mayMakeTables === null)
    unsuited.push({
      what: `it has no schema ${SCHEMA}, in which all of the service's tables are`,
      mend: `create schema ${SCHEMA} authorization ${user}`,
      stops: "migrations",
    });
  else if (found.schema !== SCHEMA)
    unsuited.push({
      what: `its user would make and look for tables in ${found.schema === null ? "no schema" : `the schema ${found.schema}`} first (search_path), and all of the service's are in ${SCHEMA}`,
      mend: `alter role ${user} in database ${database} set search_path = ${SCHEMA}`,
      stops: "first migrations",
    });
  if (found.mayMakeTables === false)
    unsuited.push({
      what: `its user may make no tables in the schema ${SCHEMA}`,
      mend: `let ${user} own the database, or: grant create on schema ${SCHEMA} to ${user}`,
      stops: "migrations",
    });
  if (!found.mayMakeSchemas)
    unsuited.push({
      what: "its user may make no schema, which `replay` needs",
      mend: `let ${user} own the database, or: grant create on database ${database} to ${user}`,
    });
  if (found.isolation !== "read committed")
    unsuited.push({
      what: `default_transaction_isolation is ${found.isolation}: what waits for a lock would not see what was done meanwhile`,
      mend: `alter role ${user} in database ${database} set default_transaction_isolation = 'read committed'`,
    });
  if (found.transactionTimeout !== null && found.transactionTimeout !== "0")
    unsuited.push({
      what: `transaction_timeout is ${found.transactionTimeout}: a migration and a replay may take longer`,
      mend: `alter role ${user} in database ${database} set transaction_timeout = 0`,
    });
  return unsuited;
}

const quoted = (name: string) =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;

/** Before tables are made: throws where they could not be, or would have to be made again elsewhere. */
export async function refuseUnsuited(sql: Sql, { isEmpty }: { isEmpty: boolean }): Promise<void> {
  const stopping = (await readUnsuited(sql)).filter(
    ({ stops }) => stops === "migrations" || (isEmpty && stops === "first migrations"),
  );
  if (stopping.length === 0) return;
  const sentences = stopping.map(({ what, mend }) => `${what} -> ${mend}`);
  const kind = stopping.every(({ mayPass }) => mayPass) ? "unavailable" : "refused";
  throw new Failure(kind, `the database cannot be migrated: ${sentences.join("; ")}`);
}
