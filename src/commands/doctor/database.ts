import { readBlockers } from "../../database/blockers.ts";
import { connect, type Pool } from "../../database/connect.ts";
import { codeOf } from "../../database/fault.ts";
import { LENT, LENT_MEND } from "../../database/lent-sessions.ts";
import { readLacking } from "../../database/migrate.ts";
import { explained, isOwnRefused, isTlsRefused, NO_RIGHT } from "../../database/outage-words.ts";
import { lendsSessions } from "../../database/pooler.ts";
import { readUnsuited } from "../../database/suited.ts";
import { databaseProblems, writeProbe } from "../../database/write-probe.ts";
import type { Clock } from "../../lib/clock.ts";
import { wallClock } from "../../lib/zones.ts";
import { checkConnections } from "./connections.ts";
import { type Finding, ok, said, unchecked, wrong } from "./finding.ts";

const OLDEST_POSTGRES = 14;
const CHECK = "database";
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
/** Two ends of the world, and laws that were changed late. */
const ZONES = [
  "Europe/Berlin",
  "Europe/London",
  "America/New_York",
  "America/Sao_Paulo",
  "Asia/Singapore",
  "America/Mexico_City",
  "America/Vancouver",
  "Australia/Adelaide",
  "Pacific/Auckland",
  "Africa/Casablanca",
  "Asia/Amman",
  "Africa/Cairo",
];
/** A swap of a replay has its tables for less. */
const LASTING_MS = 2_000;
const HALF_YEAR_MS = 182 * 86_400_000;

const UNREACHED =
  "check DATABASE_URL: host, port, database, user and password, its sslmode, and that it is reachable";
const UNRIGHTFUL =
  "let the user of DATABASE_URL own its database and what is in it: `migrate` makes tables, and the service reads and writes them";
const UNTRUSTED =
  "renew PostgreSQL's certificate, or the file that sslrootcert names: a running service reads it again by itself";
const OWN_REFUSED =
  "renew the files that sslcert and sslkey name, or let PostgreSQL know their CA: a running service reads them again by itself";
const STARTING =
  "wait until it has started, and ask again; PostgreSQL's own log says what it is at";
/** Where the way there is right and PostgreSQL itself does not let anybody in. */
const mends: Readonly<Record<string, string>> = {
  "42501": UNRIGHTFUL,
  "53300":
    "raise what limits it (max_connections, or the limit of the database or the role), end sessions that nobody uses, or lower DATABASE_POOL",
  "57P01": STARTING,
  "57P02": STARTING,
  "57P03": STARTING,
};

/** A pool, or why there can be none: a file that its address names cannot be read. */
export function openFor(url: string): Pool | Finding {
  try {
    return connect(url, { max: 2 });
  } catch (error) {
    return wrong(CHECK, said(error), UNREACHED);
  }
}

/** Version, schema, a row that is written and taken back, clock, TLS and zone data. */
export async function checkDatabase(
  sql: Pool,
  { url, pool }: { url: string; pool: number },
  clock: Clock,
): Promise<Finding[]> {
  try {
    const [row] = await sql<{ version: string; major: number; ssl: string | null }[]>`
      select
        current_setting('server_version') as version,
        current_setting('server_version_num')::int / 10000 as major,
        (select pg_stat_ssl.version from pg_stat_ssl where pid = pg_backend_pid()) as ssl
    `;
    const { version = "", major = 0, ssl = null } = row ?? {};
    if (major < OLDEST_POSTGRES)
      return [wrong(CHECK, `PostgreSQL ${version}`, `use PostgreSQL ${OLDEST_POSTGRES} or newer`)];
    const isMigrated = (await readLacking(sql)).length === 0;
    return [
      ...(isMigrated
        ? [ok(CHECK, `PostgreSQL ${version}, migrated`), ...(await checkWrites(sql))]
        : [
            wrong(CHECK, `PostgreSQL ${version}, not migrated`, "run `migrate`, or start `serve`"),
            ...(await checkSuited(sql)),
          ]),
      ...(await checkSessions(url)),
      ...(await checkConnections(sql, pool)),
      ...(await checkLocks(sql, clock)),
      checkTls(ssl, url),
      await checkZones(sql, clock.now()),
    ];
  } catch (error) {
    return [noSession(error)];
  }
}

function noSession(error: unknown): Finding {
  const code = codeOf(error) ?? "";
  if (!isTlsRefused(code)) return wrong(CHECK, said(error), mends[code] ?? UNREACHED);
  return wrong(CHECK, `PostgreSQL: ${explained(code)}`, mendOfTls(code));
}

function mendOfTls(code: string) {
  if (isOwnRefused(code)) return OWN_REFUSED;
  return code === "TLS_NOT_OFFERED" || code.startsWith("ERR_SSL_") ? UNREACHED : UNTRUSTED;
}

async function checkWrites(sql: Pool): Promise<Finding[]> {
  const problems = databaseProblems(await writeProbe({ sql, limitMs: 10_000 })());
  if (problems.length === 0)
    return [
      ok(CHECK, "a row was written and taken back, and clocks agree"),
      ...(await checkSuited(sql)),
    ];
  return problems.map((problem) => wrong(CHECK, problem, mendOf(problem)));
}

/** A lock that others wait for is nothing unless it lasts. */
async function checkLocks(sql: Pool, clock: Clock): Promise<Finding[]> {
  const first = await readBlockers(sql);
  if (first.length === 0) return [];
  await clock.pause(LASTING_MS);
  const still = await readBlockers(sql);
  return first
    .filter((held) => still.includes(held))
    .map((held) => wrong(CHECK, held, "end that session, or wait for its end"));
}

const checkSuited = async (sql: Pool) =>
  (await readUnsuited(sql)).map(({ what, mend }) => wrong(CHECK, what, mend));

const checkSessions = async (url: string) =>
  (await lendsSessions(url)) ? [wrong(CHECK, LENT, LENT_MEND)] : [];

function mendOf(problem: string) {
  if (problem.includes("clock")) return "set the clock of the machine that is off (NTP)";
  if (problem.includes(NO_RIGHT)) return UNRIGHTFUL;
  return "give DATABASE_URL the primary, free its disk, or end what holds the lock";
}

function checkTls(ssl: string | null, url: string): Finding {
  const { hostname, searchParams } = new URL(url);
  const hasRoot = Boolean(searchParams.get("sslrootcert"));
  const mode = searchParams.get("sslmode") || (hasRoot ? "verify-full" : "");
  const isChecked = /^verify/.test(mode) || (mode === "require" && hasRoot);
  if (ssl !== null && isChecked) return ok(CHECK, `encrypted by ${ssl}, ${mode}`);
  if (ssl !== null)
    return unchecked(
      CHECK,
      `encrypted by ${ssl}, but whoever answers is taken for PostgreSQL; sslmode=verify-full with sslrootcert checks it`,
    );
  if (LOOPBACK.test(hostname)) return ok(CHECK, "not encrypted, within this machine");
  return unchecked(
    CHECK,
    "what goes to PostgreSQL is not encrypted; DATABASE_URL with sslmode=verify-full would, where the way is not your own",
  );
}

/** PostgreSQL's own zone data is not used, but says what whoever asks it for local times is shown. */
async function checkZones(sql: Pool, now: Date): Promise<Finding> {
  const moments = [now, new Date(now.getTime() + HALF_YEAR_MS)];
  const differing = new Set<string>();
  for (const at of moments) {
    const rows = await sql<{ zone: string; shown: string }[]>`
      select zone, to_char(${at}::timestamptz at time zone zone, 'YYYY-MM-DD"T"HH24:MI') as shown
      from unnest(${ZONES}::text[]) as asked (zone)
      where exists (select from pg_timezone_names where name = zone)
    `;
    for (const zone of ZONES) {
      const shown = rows.find((row) => row.zone === zone)?.shown;
      if (shown !== wallClock(at, zone).toISOString().slice(0, 16)) differing.add(zone);
    }
  }
  const unlike = [...differing].join(", ");
  return ok(
    CHECK,
    unlike === ""
      ? "its zone data shows the same times as ours"
      : `its zone data, which is not used, is older or newer than ours in ${unlike}`,
  );
}
