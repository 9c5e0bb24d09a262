import { afterAll, beforeAll, expect, test } from "bun:test";
import { createPrivateKey } from "node:crypto";
import { freshDatabase, type TestDatabase } from "../../test/support/database.ts";
import { connect } from "./connect.ts";
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
  await put("server.crt", await Bun.file(fixture("server.pem")).text());
  await sql`alter system set ssl = on`;
  await sql`select pg_reload_conf()`;
});
afterAll(async () => {
  await database.sql`alter system reset ssl`;
  await database.sql`select pg_reload_conf()`;
  await database[Symbol.asyncDispose]();
});

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
