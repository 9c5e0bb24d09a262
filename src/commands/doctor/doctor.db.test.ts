import { afterAll, beforeAll, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import { playNotices } from "../../../sandbox/notices/server.ts";
import { eventUpdated } from "../../../test/support/facts.ts";
import { applyEach, emptyRows } from "../../../test/support/given.ts";
import { raiseStage, type Stage } from "../../../test/support/stage.ts";
import { transactionPooler } from "../../../test/support/transaction-pooler.ts";
import { variables } from "../../config/config.ts";
import { connect } from "../../database/connect.ts";
import { saveSeller } from "../../intake/store/sellers.ts";
import { systemClock } from "../../lib/clock.ts";
import { zoneData } from "../../lib/zones.ts";
import { markTab } from "../../sheets/google/mark.ts";
import { checkDatabase } from "./database.ts";
import { describeDoctor, doctor, isHealthy } from "./doctor.ts";
import type { Finding } from "./finding.ts";
import { settingFindings, settingOrigins, usableSettings } from "./settings.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await raiseStage({ season: "small" });
});
afterAll(() => stage[Symbol.asyncDispose]());

const settings = (): Record<string, string> => stage.environment;

function anothersKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

const examine = (broken: Record<string, string> = {}) =>
  doctor(
    { ...stage.environment, ...broken },
    { dev: false, clock: systemClock, publicUrl: undefined },
  );

test("says that nothing is to be mended where all is well, and what it could not look at", async () => {
  const findings = await examine();
  expect(findings.filter(({ state }) => state === "wrong")).toEqual([]);
  expect(isHealthy(findings)).toBe(true);
  // The played Vivenu says no time, and without --public-url nobody knows what listeners should say.
  const open = findings.filter(({ state }) => state === "unchecked");
  expect(open.map(({ check }) => check)).toEqual(["clock", "webhook listeners", "notifications"]);
  const text = describeDoctor(findings);
  expect(text).toEndWith("nothing to mend in what was checked; 3 left open, marked ?");
  expect(describeDoctor(findings.filter(({ state }) => state === "ok"))).toEndWith("all is well");
  const zones = findings.find(({ check }) => check === "zone data");
  expect(zones?.what).toStartWith(`${zoneData.version}, of moment-timezone `);
  // What Bun's own clocks show is tried out here by themselves, and not by what doctor does.
  const isOld = new Date("2027-01-16T07:30:00Z").toLocaleDateString("sv-SE", {
    timeZone: "America/Vancouver",
  });
  if (isOld === "2027-01-15") expect(zones?.what).toContain("America/Vancouver");
});

test.each([
  ["DATABASE_URL", "postgres://nobody:x@127.0.0.1:1/none", "database", "DATABASE_URL"],
  ["FLOWCORE_API_KEY", "fc_other_key", "flowcore", "FLOWCORE_API_KEY"],
  ["FLOWCORE_BASE_URL", "http://127.0.0.1:1", "flowcore", "FLOWCORE_BASE_URL"],
  ["FLOWCORE_DATA_CORE", "another", "flowcore", "datacore apply"],
  ["FLOWCORE_TENANT", "nobody", "flowcore", "correct FLOWCORE_TENANT"],
  ["DACH_API", "key_4c1f0b7d92e65a38d0b7f4621c9e85a3", "DACH account", "DACH_API"],
  ["DACH_SELLER_ID", "000000000000000000000000", "DACH account", "DACH_SELLER_ID"],
  ["DACH_WEBHOOK_SECRET", "", "DACH webhooks", "DACH_WEBHOOK_SECRET"],
  ["DACH_WEBHOOK_SECRET", "guess me", "settings", "configuration.md"],
  ["GOOGLE_SHEET_ID", "another", "spreadsheet", "GOOGLE_SHEET_ID"],
  ["GOOGLE_SERVICE_ACCOUNT_EMAIL", "x@example.com", "spreadsheet", "check GOOGLE_SERVICE_ACCOUNT"],
  ["GOOGLE_PRIVATE_KEY", "not a key", "settings", "configuration.md"],
  ["GOOGLE_PRIVATE_KEY", anothersKey(), "spreadsheet", "check GOOGLE_SERVICE_ACCOUNT_EMAIL and"],
  ["PORT", "many", "settings", "configuration.md"],
  ["API_KEYS_FILE", "/nowhere/keys", "keys of the API", "API_KEYS_FILE"],
  // A file that is there, and holds no keys.
  ["API_KEYS_FILE", "package.json", "keys of the API", "API_KEYS_FILE"],
])("with a broken %s it says so and how to mend it", async (name, value, check, mend) => {
  const findings = await examine({ [name]: value });
  expect(isHealthy(findings)).toBe(false);
  const wrong = findings.filter(({ state }) => state === "wrong");
  expect(wrong.map((finding) => finding.check)).toEqual([check]);
  expect(wrong[0]?.mend).toContain(mend);
  // Nothing that it says holds a secret.
  const said = describeDoctor(findings);
  for (const [key, secret] of Object.entries(stage.environment))
    if (/_API$|SECRET|PRIVATE|API_KEY/.test(key)) expect(said).not.toContain(secret);
});

test("a PostgreSQL that has no connection left is not an address to check", async () => {
  const { sql, url } = stage.own;
  const role = `full_${crypto.randomUUID().replaceAll("-", "")}`;
  await sql`create role ${sql(role)} login password 'full' connection limit 0`;
  try {
    const full = Object.assign(new URL(url), { username: role, password: "full" });
    const findings = await examine({ DATABASE_URL: full.href });
    const wrong = findings.filter(({ state }) => state === "wrong");
    expect(wrong.map(({ check }) => check)).toEqual(["database"]);
    expect(wrong[0]?.what).toContain("too many connections");
    expect(wrong[0]?.mend).toContain("max_connections");
    expect(wrong[0]?.mend).not.toContain("DATABASE_URL");
  } finally {
    await sql`drop role ${sql(role)}`;
  }
});

test("a key of a file that is kept to an account that nobody has is named", async () => {
  const folder = await mkdtemp(join(tmpdir(), "keys-"));
  const file = join(folder, "keys");
  await writeFile(file, `partner:read+account=DAHC:${"0".repeat(64)}\n`);
  const found = (await examine({ API_KEYS_FILE: file })).filter(({ state }) => state === "wrong");
  await rm(folder, { recursive: true });
  expect(found.map(({ check, what }) => `${check}: ${what}`)).toEqual([
    expect.stringContaining('keys of the API: API_KEYS_FILE partner names "DAHC"'),
  ]);
});

test("an event that a rule, a copy or a key is for and that nobody has is named", async () => {
  const { sql } = stage.own;
  const fact = eventUpdated({ eventId: "68f0000000000000000000aa", name: "HYROX Named" });
  const named = {
    NOTIFICATIONS: JSON.stringify({
      channels: { races: { slack: "http://127.0.0.1:1/T0/B0/secret" } },
      rules: [{ to: "races" }, { to: "races", events: ["68f0000000000000000000aa", "68f0ab"] }],
    }),
    SHEET_COPIES: JSON.stringify([{ id: "other", eventIds: ["68f0cd"] }]),
  };
  const said = async () =>
    (await examine(named))
      .filter(({ check }) => check === "events that settings name")
      .map(({ state, what }) => `${state}: ${what}`);
  expect(await said()).toEqual(["unchecked: no event was read yet"]);
  await applyEach(sql, [fact]);
  expect(await said()).toEqual([
    'wrong: NOTIFICATIONS rules.1.events names "68f0ab", which no event is',
    'wrong: SHEET_COPIES 0.eventIds names "68f0cd", which no event is',
  ]);
  await emptyRows(sql);
  expect((await examine()).filter(({ check }) => check.includes("settings name"))).toEqual([]);
});

test("channels of notifications are tried, and nobody is sent anything", async () => {
  const logins: string[] = [];
  const mail = new SMTPServer({
    ...{ disabledCommands: ["STARTTLS"], allowInsecureAuth: true, logger: false },
    onAuth({ password }, _, done) {
      logins.push(password ?? "");
      if (password === "right") return done(null, { user: "monitor" });
      done(Object.assign(new Error("no"), { responseCode: 535 }));
    },
  });
  const listening = mail.listen(0, "127.0.0.1");
  await once(listening, "listening");
  // The cast: it listens on a port.
  const { port } = listening.address() as AddressInfo;
  await using sink = await disposableSink();
  const saidWith = async (password: string, slack: string) => {
    const channels = { races: { slack }, office: { email: ["a@example.org", "b@example.org"] } };
    const smtp = { url: `smtp://monitor:${password}@127.0.0.1:${port}`, from: "m@example.org" };
    const NOTIFICATIONS = JSON.stringify({
      channels,
      smtp,
      rules: [{ to: Object.keys(channels) }],
    });
    const found = (await examine({ NOTIFICATIONS })).filter((one) => one.check === "notifications");
    return found.map(({ state, what }) => `${state}: ${what}`);
  };
  expect(await saidWith("right", sink.slackUrl)).toEqual([
    "ok: races (slack): it can be reached; `notify --test races` says whether it takes a message",
    expect.stringMatching(
      /^ok: office\/\w+, office\/\w+ \(email\): the mail server takes the login$/,
    ),
  ]);
  expect(await saidWith("wrong-password", "http://127.0.0.1:1/T0/B0/secret")).toEqual([
    "wrong: races (slack): it cannot be reached (ECONNREFUSED)",
    expect.stringContaining("the mail server refuses user or password (EAUTH 535)"),
  ]);
  await new Promise<void>((ended) => mail.close(ended));
  expect(logins).toEqual(["right", "wrong-password"]);
  expect(sink.received()).toEqual([]);
  const down = (await saidWith("right", sink.slackUrl)).at(-1);
  expect(down).toContain("the mail server cannot be used (ESOCKET)");
});

async function disposableSink() {
  const sink = await playNotices();
  return { ...sink, [Symbol.asyncDispose]: sink.stop };
}

test("a variable that nobody reads is told, and is no harm", async () => {
  const findings = await examine({ SPAIN_API: "key_of_spain" });
  expect(isHealthy(findings)).toBe(true);
  expect(describeDoctor(findings)).toContain("VIVENU_REGIONS names no account SPAIN");
});

test("a missing database migration is named", async () => {
  const { sql } = stage.own;
  await sql`update migration set name = 'x' || name where name like '0003%'`;
  const findings = await examine();
  await sql`update migration set name = substr(name, 2) where name like 'x%'`;
  expect(findings.filter(({ state }) => state === "wrong")).toMatchObject([
    { check: "database", mend: expect.stringContaining("migrate") },
  ]);
});

test("an event with a time that it cannot have is named, with what is empty for it", async () => {
  const { sql } = stage.own;
  const fact = eventUpdated({ sellStart: "0026-12-01T10:00:00.000Z", name: "HYROX Testville" });
  await applyEach(sql, [fact]);
  const wrong = (await examine()).filter(({ state }) => state === "wrong");
  expect(wrong.map(({ check }) => check)).toEqual(["events"]);
  expect(wrong[0]?.what).toContain("sellStart of HYROX Testville (68f000000000000000000001)");
  expect(wrong[0]?.mend).toContain("Vivenu");
});

test("tickets whose time of change cannot be are counted by event", async () => {
  const { sql } = stage.own;
  const eventId = "68f0000000000000000000c1";
  await sql`
    insert into event_seen (account, event_id, description, version_at, observed_at, digest, recorded)
    values ('DACH', ${eventId}, '{"name": "HYROX Clockville"}', now(), now(), '', true)
  `;
  for (const ticketId of ["one", "two"]) {
    await sql`
      insert into ticket_state
        (account, event_id, ticket_id, ticket_type_id, status, created_at, updated_at, has_trigger, flex)
      values ('DACH', ${eventId}, ${ticketId}, 't', 'VALID', now(), now(), false, false)
    `;
    await sql`
      insert into ticket_clock (account, event_id, ticket_id) values ('DACH', ${eventId}, ${ticketId})
    `;
  }
  const said = (await examine()).filter(({ what }) => what.includes("HYROX Clockville"));
  expect(said).toMatchObject([{ check: "events", state: "wrong" }]);
  expect(said[0]?.what).toContain("the clock behind 2 tickets of HYROX Clockville");
});

test("checks what can be checked while settings are missing, and says which they need", async () => {
  const findings = await examine({ DATABASE_URL: "", FLOWCORE_TENANT: "", BACKEND_API_KEY: "" });
  const wrong = findings.filter(({ state }) => state === "wrong");
  expect(wrong.map(({ check, what }) => `${check}: ${what}`)).toEqual([
    "settings: DATABASE_URL is missing",
    "settings: BACKEND_API_KEY is missing",
    "settings: FLOWCORE_TENANT is missing",
  ]);
  const stateOf = (check: string) => findings.find((one) => one.check === check)?.state;
  expect(stateOf("DACH account")).toBe("ok");
  expect(stateOf("spreadsheet")).toBe("ok");
  expect(stateOf("database")).toBe("unchecked");
  expect(stateOf("flowcore")).toBe("unchecked");
  expect(findings.find(({ check }) => check === "flowcore")?.what).toContain("FLOWCORE_TENANT");
  expect(describeDoctor(findings)).not.toContain("all is well");
});

test("a misspelt name is answered with the one that was meant, and the rest is checked", async () => {
  const { FLOWCORE_TENANT = "" }: Record<string, string> = stage.environment;
  const findings = await examine({ FLOWCORE_TENANT: "", FLOWCORE_TENNANT: FLOWCORE_TENANT });
  const mends = findings.flatMap(({ mend }) => mend ?? []);
  expect(mends).toContain("did you mean FLOWCORE_TENANT? Then rename it");
  expect(findings.find(({ check }) => check === "database")?.state).toBe("ok");
});

test("of PostgreSQL it says version, a row that was written, the way to it and its zone data", async () => {
  const findings = await examine();
  const said = findings.filter(({ check }) => check === "database").map(({ what }) => what);
  expect(said).toEqual([
    expect.stringMatching(/^PostgreSQL \d+\.\d+.*, migrated$/),
    "a row was written and taken back, and clocks agree",
    "not encrypted, within this machine",
    expect.stringContaining("zone data"),
  ]);
  const { sql, name } = stage.own;
  await sql`alter database ${sql(name)} set default_transaction_read_only = on`;
  const readOnly = await examine();
  const admin = stage.own.connect();
  await admin`set default_transaction_read_only = off`;
  await sql`alter database ${sql(name)} reset default_transaction_read_only`;
  await admin.end({ timeout: 5 });
  const wrong = readOnly.filter(({ state }) => state === "wrong");
  expect(wrong.map(({ what }) => what).join()).toContain("it is read-only");
});

test("a pooler that lends its sessions for a transaction is told, and what is needed", async () => {
  using pooler = await transactionPooler(stage.own.url);
  const wrong = wrongOf(await examine({ DATABASE_URL: pooler.url }));
  expect(wrong).toMatchObject([
    { check: "database", mend: expect.stringContaining("a pooler's that is in session mode") },
  ]);
});

test("the database is looked at though another check holds a connection", async () => {
  const { url } = stage.own;
  const sql = connect(url, { max: 2 });
  const held = sql`select pg_sleep(20)`.execute();
  const late = () => [];
  const findings = await Promise.race([
    checkDatabase(sql, { url, pool: 2 }, systemClock),
    held.then(late, late),
  ]);
  await sql.end({ timeout: 0 });
  expect(findings).toContainEqual(expect.objectContaining({ check: "database", state: "ok" }));
});

test("a session whose lock holds the service up is named, with what ends it", async () => {
  const { connect, sql } = stage.own;
  const other = connect();
  const [held, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = other.begin(async (tx) => {
    await tx`lock table outbox in access exclusive mode`;
    held.resolve();
    await over.promise;
  });
  await Promise.race([held.promise, holding]);
  const waiting = sql`select from outbox`.execute();
  const findings = wrongOf(await examine());
  over.resolve();
  await Promise.all([holding, waiting]);
  await other.end();
  expect(findings).toMatchObject([
    { check: "database", mend: expect.stringContaining("end that session") },
  ]);
  expect(findings[0]?.what).toMatch(/holds a lock on outbox .*pg_terminate_backend/);
  expect(wrongOf(await examine())).toEqual([]);
});

test("a limit of connections that is too small for one replica, or for a rolling update, is told", async () => {
  const { sql, name } = stage.own;
  const said = async (limit: number) => {
    await sql`alter database ${sql(name)} connection limit ${sql.unsafe(String(limit))}`;
    return (await examine({ DATABASE_POOL: "20" })).filter(({ what }) =>
      what.includes("connections of"),
    );
  };
  try {
    expect(await said(20)).toMatchObject([
      { state: "wrong", mend: expect.stringContaining("lower DATABASE_POOL to 5") },
    ]);
    expect(await said(60)).toMatchObject([
      { state: "unchecked", what: expect.stringContaining("lower DATABASE_POOL to 14") },
    ]);
    expect(await said(78)).toEqual([]);
  } finally {
    await sql`alter database ${sql(name)} connection limit -1`;
  }
});

test("a key that may not is another mistake than one that nobody knows", async () => {
  const mendWith = async (faults: Parameters<typeof stage.datacore.faults.set>[0]) => {
    stage.datacore.faults.set(faults);
    const findings = await examine();
    stage.datacore.faults.clear();
    return findings.find(({ check }) => check === "flowcore")?.mend;
  };
  const forbidden = await mendWith({ forbidden: {} });
  expect(forbidden).toContain("the key is right and its policy is not");
  expect(forbidden).toContain(
    '"resource":"frn::hyrox:data-core/<the data core\'s id, not its name>"',
  );
  expect(forbidden).toContain('"action":["read","fetch","ingest","write"]');
  expect(await mendWith({ revokedKey: {} })).toContain("not revoked");
});

test("whoever may read what is declared and no facts is told what the policy lacks", async () => {
  for (const on of ["read", "buckets"] as const) {
    stage.datacore.faults.set({ forbidden: { on } });
    const [found] = ofFlowcore(await examine());
    stage.datacore.faults.clear();
    expect(found?.state).toBe("wrong");
    expect(found?.mend).toContain("the key is right and its policy is not");
  }
});

test("a data core's id that is another one's is told, with the right one", async () => {
  const FLOWCORE_DATA_CORE_ID = "0198a1b2-0000-7000-8000-000000000001";
  const found = ofFlowcore(await examine({ FLOWCORE_DATA_CORE_ID }));
  expect(found.map(({ state }) => state)).toEqual(["wrong"]);
  const [, id = ""] = /vivenu-event-monitor has ([0-9a-f-]{36})$/.exec(found[0]?.what ?? "") ?? [];
  const [core] = await stage.outside.sql<{ id: string }[]>`select id from datacore.data_core`;
  expect(id).toBe(core?.id ?? "nobody's");
  expect(isHealthy(ofFlowcore(await examine({ FLOWCORE_DATA_CORE_ID: id })))).toBe(true);
});

const ofFlowcore = (findings: Finding[]) => findings.filter(({ check }) => check === "flowcore");
/** Without those of the rows, which tests here have spoilt. */
const wrongOf = (findings: Finding[]) =>
  findings.filter(({ check, state }) => state === "wrong" && check !== "events");

test("the Data Pathway is looked for, and the collector of traces is tried, where they are wished for", async () => {
  const FLOWCORE_PATHWAY_NAME = "looked-for-by-doctor";
  const said = async (more: Record<string, string>) =>
    (await examine(more)).flatMap(({ check, state, what }) =>
      ["data pathway", "traces"].includes(check) ? `${state}: ${what}` : [],
    );
  expect(await said({})).toEqual([]);
  const OTEL_EXPORTER_OTLP_ENDPOINT = stage.datacore.url;
  expect(await said({ FLOWCORE_PATHWAY_NAME, OTEL_EXPORTER_OTLP_ENDPOINT })).toEqual([
    "unchecked: looked-for-by-doctor is not registered yet; `serve` does it",
    "ok: the collector: it can be reached",
  ]);
  stage.datacore.faults.set({ forbidden: { on: "pathways" } });
  expect(
    await said({ FLOWCORE_PATHWAY_NAME, OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" }),
  ).toEqual([
    "wrong: Flowcore's control plane: the key's IAM policy forbids it (403)",
    "wrong: the collector: it cannot be reached (ECONNREFUSED)",
  ]);
  stage.datacore.faults.clear();
});

test("a file that DATABASE_URL names and nobody can read stops no other check", async () => {
  const DATABASE_URL = `${stage.own.url}?sslmode=verify-full&sslrootcert=/nowhere/ca.pem`;
  const findings = await examine({ DATABASE_URL });
  expect(wrongOf(findings)).toMatchObject([
    { check: "database", what: expect.stringContaining("sslrootcert cannot be read") },
  ]);
  expect(findings.find(({ check }) => check === "events")?.state).toBe("unchecked");
  expect(findings.find(({ check }) => check === "DACH account")?.state).toBe("ok");
});

test("a PostgreSQL whose certificate the CA does not vouch for, or that has none, is told in words", async () => {
  const { pathname } = new URL("../../../test/fixtures/tls/other-ca.pem", import.meta.url);
  const findings = wrongOf(
    await examine({ DATABASE_URL: `${stage.own.url}?sslrootcert=${pathname}` }),
  );
  expect(findings).toMatchObject([
    {
      check: "database",
      mend: expect.stringMatching(/renew PostgreSQL's certificate|its sslmode/),
    },
  ]);
  // Another test may have given the run's PostgreSQL a certificate.
  expect(findings[0]?.what).toMatch(/its certificate is none that|it offers no TLS/);
});

test("a user of PostgreSQL who may not read or not write is told which rights, and not to migrate", async () => {
  const { sql, name, url } = stage.own;
  const role = `stranger_${name}`;
  await sql`create role ${sql(role)} login password 'secret-of-the-stranger'`;
  const address = new URL(url);
  address.username = role;
  address.password = "secret-of-the-stranger";
  const wrongs = async () => wrongOf(await examine({ DATABASE_URL: address.href }));
  try {
    const found = await wrongs();
    expect(found.map(({ check }) => check)).toEqual(["database"]);
    expect(found[0]?.what).toContain("permission denied");
    expect(found[0]?.mend).toContain("let the user of DATABASE_URL own its database");
    await sql`grant select on all tables in schema public to ${sql(role)}`;
    const reader = await wrongs();
    expect(reader.map(({ check }) => check)).toEqual(["database"]);
    expect(reader[0]?.what).toContain("has no right to write into its tables");
    expect(reader[0]?.mend).toContain("let the user of DATABASE_URL own its database");
  } finally {
    await sql`drop owned by ${sql(role)}`;
    await sql`drop role ${sql(role)}`;
  }
});

test("what does nothing is no fault beside one that is, and takes nothing along", async () => {
  const regions = settings().VIVENU_REGIONS ?? "";
  const findings = await examine({
    ...{ VIVENU_REGIONS: `${regions},UK`, UK_API: "key_of_nobody", SPAIN_API: "key_of_spain" },
    PORT: "many",
  });
  expect(findings.filter(({ check }) => check === "settings").map(({ state }) => state)).toEqual([
    "wrong",
    "unchecked",
  ]);
  // The account that only this list names is asked all the same.
  expect(findings.find(({ check }) => check === "UK account")?.state).toBe("wrong");
});

test("two keys of one seller are told, for each account would take the other's events", async () => {
  const seller = "6500a1b2c3d4e5f601020309";
  // The account that is named first is answered last, and is the first of the two all the same.
  const second = Promise.withResolvers<void>();
  const fetch = async ({ headers }: Request) => {
    if (headers.get("authorization")?.includes("key_two")) second.resolve();
    else await second.promise;
    return Response.json({ _id: seller });
  };
  await using vivenu = Object.assign(Bun.serve({ port: 0, hostname: "127.0.0.1", fetch }), {
    [Symbol.asyncDispose]: async () => void (await vivenu.stop(true)),
  });
  const findings = await examine({
    ...{ VIVENU_BASE_URL: `http://127.0.0.1:${vivenu.port}`, VIVENU_REGIONS: "DACH,FRANCE" },
    ...{ DACH_API: "key_one", FRANCE_API: "key_two", AUSTRALIA_API: "" },
  });
  expect(wrongOf(findings)).toContainEqual({
    check: "DACH, FRANCE accounts",
    state: "wrong",
    what: `their keys are of one seller, ${seller}`,
    mend: "give each of DACH_API, FRANCE_API the key of its own account",
  });
});

test("a key of another seller than the account was polled with is told, and how to keep it", async () => {
  const [account, seller] = ["DACH", "6500a1b2c3d4e5f601020311"];
  const fetch = () => Response.json({ _id: seller });
  await using vivenu = Object.assign(Bun.serve({ port: 0, hostname: "127.0.0.1", fetch }), {
    [Symbol.asyncDispose]: async () => void (await vivenu.stop(true)),
  });
  const asked = (more: Record<string, string>) =>
    examine({
      ...{ VIVENU_BASE_URL: `http://127.0.0.1:${vivenu.port}`, VIVENU_REGIONS: account },
      ...{ DACH_API: "key_one", AUSTRALIA_API: "", ...more },
    });
  const { sql } = stage.own;
  const before = await sql`delete from seller where account = ${account} returning *`;
  try {
    await saveSeller(
      sql,
      account,
      { _id: "6500a1b2c3d4e5f601020310", currency: null },
      new Date(0),
    );
    expect(wrongOf(await asked({}))).toContainEqual({
      check: "DACH account",
      state: "wrong",
      what: `its key is of seller ${seller}, and the account is seller 6500a1b2c3d4e5f601020310's`,
      mend: `give DACH_API the account's own key, or, where the account has changed hands, set DACH_SELLER_ID=${seller}`,
    });
    const kept = await asked({ DACH_SELLER_ID: seller });
    expect(kept.find(({ check }) => check === "DACH account")?.state).toBe("ok");
  } finally {
    await sql`delete from seller where account = ${account}`;
    if (before.length > 0) await sql`insert into seller ${sql(before)}`;
  }
});

test("one key that is wrong for all accounts is one fault", async () => {
  const none = Object.keys(stage.environment).filter((name) => name.endsWith("_WEBHOOK_SECRET"));
  const findings = await examine({
    ...Object.fromEntries(none.map((name) => [name, ""])),
    VIVENU_SECRET: "short",
  });
  expect(wrongOf(findings).map(({ what }) => what)).toEqual([
    "VIVENU_SECRET must be 16 characters at least",
  ]);
});

test("where no account is set nobody is asked for one that nobody named", async () => {
  const none = Object.keys(stage.environment).filter((name) => name.endsWith("_API"));
  const findings = await examine({
    ...Object.fromEntries(none.map((name) => [name, ""])),
    VIVENU_REGIONS: "FRANCE",
  });
  const said = describeDoctor(findings.filter(({ check }) => check !== "events"));
  expect(said).toContain("no account: set at least one of FRANCE_API");
  expect(said).not.toContain("DACH");
  expect(findings.find(({ check }) => check === "webhook listeners")?.what).toContain("an account");
});

test("whatever one setting lacks, or all of them do, the others can be checked", () => {
  const usable = (env: Record<string, string>) => usableSettings(env, { dev: false }).config;
  for (const name of Object.keys(stage.environment)) {
    const { [name]: _, ...rest } = settings();
    expect({ name, isUsable: usable(rest) !== undefined }).toEqual({ name, isUsable: true });
  }
  for (const name of new Set([...Object.keys(stage.environment), ...variables])) {
    const rest = settings();
    for (const value of ["x", "postgres://", "-1", "[", "a=b,=c"])
      expect({ name, value, isUsable: usable({ ...rest, [name]: value }) !== undefined }).toEqual({
        ...{ name, value, isUsable: true },
      });
  }
  expect(usable({})).toBeDefined();
});

test("no secret is said, in whatever setting it stands", async () => {
  const secret = "hush-7d39c05be8f2416aa07c4eb19d6f5382";
  const values = [secret, `postgres://u:${secret}@127.0.0.1:1/x`, `https://127.0.0.1:1/${secret}`];
  const names = [...Object.keys(stage.environment), "NOTIFICATIONS", "VIVENU_SECRET", "API_KEYS"];
  for (const name of names)
    for (const value of values) {
      const settings = usableSettings({ ...stage.environment, [name]: value }, { dev: false });
      const said = describeDoctor(settingFindings(settings));
      expect({ name, value, isSaid: said.includes(secret) }).toEqual({
        ...{ name, value, isSaid: false },
      });
    }
  const [, address = "", page = ""] = values;
  const said = describeDoctor(
    await examine({ DATABASE_URL: address, FLOWCORE_BASE_URL: page, VIVENU_BASE_URL: page }),
  );
  expect(said).not.toContain(secret);
});

test("where a setting came from is said by its name, and what a file says that is overridden", async () => {
  const folder = await mkdtemp(join(tmpdir(), "origins-"));
  await writeFile(
    join(folder, ".env.local"),
    "PORT=1\nHOST=here\nEMPTY=\nDACH_API=old\nFRANCE_API=it\n",
  );
  const env = { PORT: "2", HOST: "here", LOG_LEVEL: "warn", DACH_API: "new", FRANCE_API: "it" };
  const found = await settingOrigins(["PORT", "HOST", "LOG_LEVEL", "EMPTY"], {
    ...{ env, root: folder, regions: ["DACH", "FRANCE", "ITALY"] },
  });
  await rm(folder, { recursive: true });
  expect(found.map(({ what }) => what)).toEqual([
    "the environment: PORT, LOG_LEVEL, DACH_API",
    ".env.local: HOST, FRANCE_API",
    "what stands there overrides a file: PORT (.env.local has another), DACH_API (.env.local has another)",
    "defaults: the other 1",
  ]);
});

test("each spreadsheet is checked: who is no editor, whose tabs are called otherwise, and which titles are taken", async () => {
  const { sheets, environment } = stage.outside;
  const copies = { SHEET_COPIES: '[{"id": "nowhere", "tabs": ["events"]}]' };
  const said = async (more: Record<string, string> = {}) =>
    (await examine(more)).flatMap(({ check, state, what }) =>
      check.startsWith("spreadsheet") ? `${check}, ${state}: ${what}` : [],
    );
  expect(await said(copies)).toEqual([
    "spreadsheet, ok: it can be read and written; its tabs are made at the first sync",
    expect.stringMatching(/^spreadsheet, copy 1, wrong: .* 404: .*is there a spreadsheet/),
  ]);
  // Whoever may only look is told so, also while there is no tab of ours.
  sheets.faults.set({ failBefore: { on: "write", status: 403 } });
  expect(await said()).toEqual([expect.stringMatching(/^spreadsheet, wrong: .* 403: /)]);
  sheets.faults.clear();
  const doings = [
    { addSheet: { properties: { sheetId: 71, title: "Overview" } } },
    { addSheet: { properties: { sheetId: 72, title: "Races" } } },
    {
      updateCells: {
        start: { sheetId: 71, rowIndex: 0, columnIndex: 0 },
        rows: [{ values: [{ userEnteredValue: { stringValue: "mine" } }] }],
        fields: "userEnteredValue",
      },
    },
    markTab(72, { name: "events", title: "Events" }),
  ];
  await fetch(`${sheets.url}/sandbox/person?id=${environment.GOOGLE_SHEET_ID}`, {
    method: "POST",
    body: JSON.stringify({ requests: doings }),
  });
  expect(await said()).toEqual([
    "spreadsheet, ok: it can be read and written; Events is called Races in it",
    "spreadsheet, wrong: tabs that are not ours have the titles Overview, and ours are not written",
  ]);
});
