import { afterAll, beforeAll, expect, test } from "bun:test";
import { createPrivateKey } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordingLog } from "../../test/fixtures/vivenu/scripted.ts";
import { freshDatabase, type TestDatabase } from "../../test/support/database.ts";
import { aborted } from "../lib/abort.ts";
import { systemClock } from "../lib/clock.ts";
import { connect } from "./connect.ts";
import { codeOf, isOutage } from "./fault.ts";
import { whileHolding } from "./lease.ts";
import { outageWords } from "./outage-words.ts";
import { secured, tlsFault } from "./tls.ts";

const fixture = (name: string) => new URL(`../../test/fixtures/tls/${name}`, import.meta.url);
const pathOf = (name: string) => fixture(name).pathname;

let database: TestDatabase;

/** The run's own PostgreSQL speaks TLS from here on, with a certificate for `localhost`. */
beforeAll(async () => {
  database = await freshDatabase();
  const { sql } = database;
  const jwk = await fixture("server-key.json");
  const key = createPrivateKey({ key: await Bun.file(jwk).json(), format: "jwk" });
  await put("server.key", String(key.export({ type: "pkcs8", format: "pem" })));
  await present("server.pem");
  await sql`alter system set ssl = on`;
  await reload();
});
afterAll(async () => {
  await database.sql`alter system reset ssl`;
  await database.sql`select pg_reload_conf()`;
  await database[Symbol.asyncDispose]();
});

const present = async (name: string) => put("server.crt", await Bun.file(fixture(name)).text());

/** The postmaster has done so by the time that a new session says the new setting. */
async function reload() {
  const { sql } = database;
  const [before] = await sql<{ at: Date }[]>`select pg_conf_load_time() as at`;
  await sql`select pg_reload_conf()`;
  for (;;) {
    await using other = { sql: database.connect(), [Symbol.asyncDispose]: () => other.sql.end() };
    const [now] = await other.sql<{ at: Date }[]>`select pg_conf_load_time() as at`;
    if (now && before && now.at > before.at) return;
  }
}

/** Into the server's own folder, as its own user: it takes no key that others may read. */
const put = (name: string, text: string) =>
  database.sql.unsafe(
    `copy (select unnest(array[${text
      .trim()
      .split("\n")
      .map((line) => `'${line}'`)
      .join(",")}])) to program 'umask 077 && cat > ${name}'`,
  );

function addressOf(parameters: Record<string, string>, host = "localhost") {
  const url = new URL(database.url);
  url.hostname = host;
  url.search = new URLSearchParams(parameters).toString();
  return url.href;
}

/** Whether a session is encrypted, or why there is none. */
async function ask(address: string): Promise<boolean | string> {
  const sql = connect(address, { max: 1 });
  try {
    const [row] = await sql<{ ssl: boolean }[]>`
      select ssl from pg_stat_ssl where pid = pg_backend_pid()
    `;
    return row?.ssl ?? "no row";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const CA = { sslrootcert: pathOf("ca.pem") };
const OTHER_CA = { sslrootcert: pathOf("other-ca.pem") };

test.each([
  ["nothing is said", {}, "localhost", false],
  ["disable", { sslmode: "disable" }, "localhost", false],
  ["prefer", { sslmode: "prefer" }, "localhost", true],
  ["require, of whoever answers", { sslmode: "require" }, "127.0.0.1", true],
  ["verify-ca", { sslmode: "verify-ca", ...CA }, "127.0.0.1", true],
  ["verify-full", { sslmode: "verify-full", ...CA }, "localhost", true],
  ["a CA alone, which is verify-full", CA, "localhost", true],
] as const)(
  "with %s the session is as it was asked for",
  async (_, parameters, host, encrypted) => {
    expect(await ask(addressOf(parameters, host))).toBe(encrypted);
  },
);

test.each([
  ["another CA than its own", { sslmode: "verify-ca", ...OTHER_CA }, "localhost"],
  ["require and another CA", { sslmode: "require", ...OTHER_CA }, "localhost"],
  ["a name that is not its own", { sslmode: "verify-full", ...CA }, "127.0.0.1"],
  ["the system's CAs", { sslmode: "verify-full" }, "localhost"],
])("there is no session with %s", async (_, parameters, host) => {
  const said = await ask(addressOf(parameters, host));
  expect(said).toBeString();
  expect(said).toMatch(/CERT|VERIFY|ERR_TLS|SELF_SIGNED|UNABLE/i);
});

test("an address that TLS cannot be made of says which part of it", () => {
  expect(() => secured("postgres://u@h/d?sslmode=verify-full&sslrootcert=/nowhere.pem")).toThrow(
    "DATABASE_URL: sslrootcert cannot be read",
  );
  expect(tlsFault("postgres://u@h/d?sslmode=verify_full")).toContain("verify-full");
  expect(tlsFault("postgres://u@h/d?sslcert=/a.pem")).toContain("sslkey");
  expect(tlsFault("postgres://u@h/d?sslmode=require")).toBeUndefined();
});

/** What an operator is told of a session that does not come about. */
async function told(address: string) {
  const sql = connect(address, { max: 1 });
  try {
    await sql`select 1`;
    return ["a session"];
  } catch (error) {
    return [outageWords(codeOf(error)), isOutage(error)];
  } finally {
    await sql.end({ timeout: 1 });
  }
}

test("a server whose certificate is not trusted, is another's, has expired or is of another use is an outage that says so", async () => {
  expect(await told(addressOf(OTHER_CA))).toEqual([
    "its certificate is none that sslrootcert of DATABASE_URL vouches for",
    true,
  ]);
  expect(await told(addressOf(CA, "127.0.0.1"))).toEqual([
    "its certificate is of another host than DATABASE_URL names",
    true,
  ]);
  await present("expired.pem");
  await reload();
  try {
    expect(await told(addressOf({ sslrootcert: pathOf("expired-ca.pem") }))).toEqual([
      "its certificate, or its CA's, has expired",
      true,
    ]);
    await present("for-clients.pem");
    await reload();
    expect(await told(addressOf({ sslrootcert: pathOf("clients-ca.pem") }))).toEqual([
      "its certificate, or one on the way to its CA, is not made for this use",
      true,
    ]);
  } finally {
    await present("server.pem");
    await reload();
  }
});

test("a server without TLS is an outage that says so where sslmode wants it", async () => {
  await database.sql`alter system set ssl = off`;
  await reload();
  try {
    expect(await told(addressOf({ sslmode: "require" }))).toEqual([
      "it offers no TLS, which the sslmode of DATABASE_URL wants",
      true,
    ]);
    expect(await told(addressOf({ sslmode: "prefer" }))).toEqual(["a session"]);
  } finally {
    await database.sql`alter system set ssl = on`;
    await reload();
  }
});

test("a server that refuses our certificate is an outage that says so", async () => {
  const { sql } = database;
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-key-"));
  const sslkey = join(folder, "client.key");
  const jwk = await Bun.file(fixture("server-key.json")).json();
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  await Bun.write(sslkey, String(key.export({ type: "pkcs8", format: "pem" })));
  await put("clients.crt", await Bun.file(fixture("other-ca.pem")).text());
  await sql`alter system set ssl_ca_file = 'clients.crt'`;
  await reload();
  try {
    const ours = { sslmode: "require", sslcert: pathOf("server.pem"), sslkey };
    expect(await told(addressOf(ours))).toEqual([
      "it refuses the certificate that sslcert of DATABASE_URL names",
      true,
    ]);
  } finally {
    await sql`alter system reset ssl_ca_file`;
    await reload();
    await rm(folder, { recursive: true });
  }
});

test("a CA that is renewed in its file is used from the next session on, and half a file is told of once and is not", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-ca-"));
  const path = join(folder, "ca.pem");
  const write = async (text: Promise<string>) => Bun.write(path, await text);
  const textOf = (name: string) => Bun.file(fixture(name)).text();
  await write(textOf("other-ca.pem"));
  const { logger, lines } = recordingLog();
  const told = () =>
    lines
      .map((line) => JSON.parse(line) as { event: string; reason: string })
      .flatMap(({ event, reason }) => (event === "database.tls_files_passed_over" ? [reason] : []));
  const sql = connect(addressOf({ sslrootcert: path }), { max: 1, logger });
  const answer = () =>
    sql`select 1 as one`.then(
      ([row]) => row?.one,
      (error: unknown) => codeOf(error),
    );
  try {
    expect(await answer()).toMatch(/UNABLE|SELF_SIGNED/);
    await write(textOf("ca.pem"));
    expect(await answer()).toBe(1);
    expect(told()).toEqual([]);
    const half = textOf("ca.pem").then((text) => text.slice(0, 300));
    const unusable = `DATABASE_URL: sslrootcert names a file without a usable certificate: ${path}`;
    await write(half);
    for (let session = 0; session < 2; session += 1) {
      await sql`select pg_terminate_backend(pg_backend_pid())`.catch(() => {});
      expect(await answer()).toBe(1);
    }
    expect(told()).toEqual([unusable]);
    await write(textOf("ca.pem"));
    await sql`select pg_terminate_backend(pg_backend_pid())`.catch(() => {});
    expect(await answer()).toBe(1);
    await write(half);
    await sql`select pg_terminate_backend(pg_backend_pid())`.catch(() => {});
    expect(await answer()).toBe(1);
    expect(told()).toEqual([unusable, unusable]);
    await rm(path);
    await sql`select pg_terminate_backend(pg_backend_pid())`.catch(() => {});
    expect(await answer()).toBe(1);
    expect(told()[2]).toStartWith("DATABASE_URL: sslrootcert cannot be read: ");
  } finally {
    await sql.end({ timeout: 1 });
    await rm(folder, { recursive: true });
  }
});

test("a lease whose session ends while the file of the CA is half written is held again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-ca-"));
  const path = join(folder, "ca.pem");
  const text = await Bun.file(fixture("ca.pem")).text();
  await Bun.write(path, text);
  const stop = new AbortController();
  const turns = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let turn = 0;
  const ended = whileHolding(
    {
      ...{ url: addressOf({ sslrootcert: path }), name: "consumer", clock: systemClock },
      ...{ logger: recordingLog().logger, signal: stop.signal, heartbeatMs: 20, silentMs: 5_000 },
    },
    async ({ signal }) => {
      turns[turn]?.resolve();
      turn += 1;
      await aborted(signal);
    },
  );
  const held = (n: number) => Promise.race([turns[n]?.promise, ended]);
  try {
    await held(0);
    await Bun.write(path, text.slice(0, 300));
    await database.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'vivenu-event-monitor lease consumer'
    `;
    await held(1);
    expect(turn).toBe(2);
  } finally {
    stop.abort();
    await ended;
    await rm(folder, { recursive: true });
  }
});

test.each([
  ["no certificate", "made up"],
  ["nothing", ""],
  ["half of one", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"],
])("a file of the CA with %s in it is refused before anything is asked", async (_, text) => {
  const path = join(tmpdir(), `vivenu-event-monitor-ca-${process.pid}.pem`);
  await Bun.write(path, text);
  try {
    expect(() => secured(`postgres://u@h/d?sslrootcert=${path}`)).toThrow(
      `DATABASE_URL: sslrootcert names a file without a usable certificate: ${path}`,
    );
  } finally {
    await rm(path);
  }
});
