import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { createLogger } from "../lib/logger.ts";
import { defaultPasses } from "../projections/consumer/passes.ts";
import { defaultSoldOutPolicy } from "../rules/sold-out.ts";
import { databaseUrlOf, describeVariables, loadConfig, variables } from "./config.ts";
import { Secret, secretsOf } from "./secret.ts";

const secrets = {
  DATABASE_URL: "postgres://service:database-secret@db.example.com/monitor",
  BACKEND_API_KEY: "backend-secret-key",
  FLOWCORE_API_KEY: "fc_id_flowcoresecret",
  DACH_API: "key_dach_secret",
  DACH_WEBHOOK_SECRET: "dach-webhook-secret",
  VIVENU_SECRET: "vivenu-webhook-secret",
};

const enough = { ...secrets, FLOWCORE_TENANT: "hyrox", FLOWCORE_DATA_CORE: "monitor" };

const pem = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();

const google = {
  GOOGLE_SERVICE_ACCOUNT_EMAIL: "writer@example.com",
  GOOGLE_PRIVATE_KEY: pem.replaceAll("\n", "\\n"),
  GOOGLE_SHEET_ID: "a-sheet",
};

const faultsOf = (env: Record<string, string | undefined>, options?: { dev?: boolean }) => {
  try {
    loadConfig(env, options);
    return [];
  } catch (error) {
    const [head, ...faults] = String(error).split("\n  - ");
    expect(head).toBe("Error: the environment is not usable:");
    return faults;
  }
};

describe("what is missing or wrong", () => {
  test("is said all at once, by name", () => {
    const faults = faultsOf({
      VIVENU_REGIONS: "DACH",
      PORT: "a port",
      DATABASE_URL: "mysql://localhost/x",
      POLL_SCHEDULE: "daily",
      VIVENU_MODE: "test",
      PROCESS_BACKLOG_ON_STARTUP: "perhaps",
      GOOGLE_SHEET_ID: "a-sheet",
    });
    const named = faults.map((fault) => fault.split(" ")[0]);
    expect(named.toSorted()).toEqual(
      [
        "BACKEND_API_KEY",
        "DATABASE_URL",
        "FLOWCORE_API_KEY",
        "FLOWCORE_DATA_CORE",
        "FLOWCORE_TENANT",
        "GOOGLE_PRIVATE_KEY",
        "GOOGLE_SERVICE_ACCOUNT_EMAIL",
        "PORT",
        "POLL_SCHEDULE",
        "PROCESS_BACKLOG_ON_STARTUP",
        "VIVENU_MODE",
        "no",
      ].toSorted(),
    );
    expect(faults).toContain("BACKEND_API_KEY is missing");
    expect(faults).toContain("no account: set at least one of DACH_API");
  });

  test("is nothing where all is there", () => {
    expect(faultsOf(enough)).toEqual([]);
    expect(faultsOf({ ...enough, ...google })).toEqual([]);
  });

  test("is an empty variable as well, and one of blanks", () => {
    expect(faultsOf({ ...enough, BACKEND_API_KEY: "" })).toEqual(["BACKEND_API_KEY is missing"]);
    expect(faultsOf({ ...enough, FLOWCORE_TENANT: " \n" })).toEqual(["FLOWCORE_TENANT is missing"]);
    expect(faultsOf({ ...enough, DACH_API: "" })[0]).toStartWith("no account");
    const config = loadConfig({ ...enough, PORT: "", HOST: undefined, DACH_WEBHOOK_SECRET: " " });
    expect(config.http).toMatchObject({ port: 18_765, host: "0.0.0.0" });
    expect(config.vivenu.accounts[0]?.webhookKeys.map((key) => key.reveal())).toEqual([
      "vivenu-webhook-secret",
    ]);
  });

  test.each([
    ["POLL_INTERVAL", "-1", "must be a number of seconds above 0, 3600 at most"],
    ["REOPEN_PERCENT", "120", "must be a number above 0, 100 at most"],
    [
      "FLOWCORE_DATA_CORE_ID",
      "monitor",
      "must be a UUID, as Flowcore shows it beside the data core's name",
    ],
  ])("is a %s of %s, and what it must be is said", (name, value, must) => {
    expect(faultsOf({ ...enough, [name]: value })).toEqual([`${name} ${must}`]);
  });

  test("is a key that is too short, or none at all", () => {
    const short = "BACKEND_API_KEY must be 16 characters at least";
    expect(faultsOf({ ...enough, BACKEND_API_KEY: "123456789012345" })).toEqual([short]);
    expect(
      faultsOf({ ...enough, BACKEND_API_KEY: "this one is long enough,too short,tiny" }),
    ).toEqual([short]);
    expect(faultsOf({ ...enough, BACKEND_API_KEY: "," })).toEqual(["BACKEND_API_KEY names no key"]);
    expect(faultsOf({ ...enough, FLOWCORE_API_KEY: "flowcoresecret" })).toEqual([
      "FLOWCORE_API_KEY must have the form fc_<id>_<secret>",
    ]);
    const address = "https://docs.google.com/spreadsheets/d/1a/edit";
    expect(faultsOf({ ...enough, GOOGLE_SHEET_ID: address })[0]).toBe(
      "GOOGLE_SHEET_ID is the part of the address between /d/ and /edit",
    );
    for (const key of [`"${google.GOOGLE_PRIVATE_KEY}"`, pem.slice(0, 90), "a key"])
      expect(faultsOf({ ...enough, ...google, GOOGLE_PRIVATE_KEY: key })).toEqual([
        "GOOGLE_PRIVATE_KEY is no private key: give what stands between the quotes of private_key in the key file",
      ]);
    expect(faultsOf({ ...enough, ...google, GOOGLE_PRIVATE_KEY: pem })).toEqual([]);
    const twice = { FRANCE_API: "key_one", ITALY_API: "key_one", FRANCE_SELLER_ID: "65aa" };
    expect(faultsOf({ ...enough, ...twice, DACH_SELLER_ID: "65aa" })).toEqual([
      "FRANCE_API and ITALY_API are the same: each account has its own",
      "DACH_SELLER_ID and FRANCE_SELLER_ID are the same: each account has its own",
    ]);
    expect(faultsOf({ ...enough, DACH_API: "key with blanks" })).toEqual([
      "DACH_API holds a character that no key can",
    ]);
  });

  test("is an origin that is none, or one for everybody", () => {
    const fault = "CORS_ORIGINS must be origins like https://dashboard.example.com";
    for (const origin of [
      "*",
      "null",
      "dashboard.example.com",
      "https://a.example.com/",
      "file://",
    ])
      expect(faultsOf({ ...enough, CORS_ORIGINS: `https://b.example.com,${origin}` })).toEqual([
        fault,
      ]);
    const CORS_ORIGINS = "https://b.example.com, http://localhost:3000";
    expect(loadConfig({ ...enough, CORS_ORIGINS }).http.origins).toEqual([
      "https://b.example.com",
      "http://localhost:3000",
    ]);
    expect(loadConfig(enough).http.origins).toEqual([]);
  });

  test("is a webhook key that somebody could guess", () => {
    const short = (name: string) => `${name} must be 16 characters at least`;
    for (const key of ["x", "fifteen letters", "long-enough-for-all,tiny", ","]) {
      const DACH_WEBHOOK_SECRET = key;
      expect(faultsOf({ ...enough, DACH_WEBHOOK_SECRET })).toEqual([short("DACH_WEBHOOK_SECRET")]);
      expect(faultsOf({ ...enough, VIVENU_SECRET: key })).toEqual([short("VIVENU_SECRET")]);
    }
    expect(faultsOf({ ...enough, DACH_WEBHOOK_SECRET: "sixteen letters!" })).toEqual([]);
  });

  test("is room for less than one webhook", () => {
    const WEBHOOK_MEMORY = "8000000";
    expect(faultsOf({ ...enough, WEBHOOK_MEMORY })).toEqual([
      "WEBHOOK_MEMORY must be WEBHOOK_BODY_LIMIT at least",
    ]);
    const WEBHOOK_BODY_LIMIT = "2000000";
    expect(
      loadConfig({ ...enough, WEBHOOK_MEMORY, WEBHOOK_BODY_LIMIT }).vivenu.webhooks,
    ).toMatchObject({ bodyLimitBytes: 2_000_000, roomBytes: 8_000_000 });
    expect(loadConfig({ ...enough, WEBHOOK_BODY_LIMIT }).vivenu.webhooks.roomBytes).toBe(8_000_000);
  });

  test("is a number out of its range", () => {
    for (const changes of [
      { PORT: "65536" },
      { PORT: "-1" },
      { PORT: "80.5" },
      { POLL_INTERVAL: "0" },
      { VIVENU_PAGE_SIZE: "1001" },
      { VIVENU_REQUESTS_PER_HOUR: "0" },
      { WEBHOOK_BODY_LIMIT: "8MB" },
    ])
      expect(faultsOf({ ...enough, ...changes })).toEqual([
        expect.stringContaining(Object.keys(changes)[0] ?? ""),
      ]);
  });

  test("is a schedule that is none, or never comes", () => {
    for (const schedule of ["daily", "0 2 * *", "0 25 * * *", "0 0 31 2 *"])
      expect(faultsOf({ ...enough, POLL_SCHEDULE: schedule })).toEqual([
        'POLL_SCHEDULE must be "off" or a cron expression that comes (0 2 * * * is daily at 02:00 UTC)',
      ]);
    const scheduleOf = (POLL_SCHEDULE?: string) =>
      loadConfig({ ...enough, POLL_SCHEDULE }).vivenu.pollSchedule;
    expect(scheduleOf()).toBe("0 2 * * *");
    expect(scheduleOf("*/30 1-5 * * MON")).toBe("*/30 1-5 * * MON");
    expect(scheduleOf("off")).toBeUndefined();
    expect(scheduleOf("OFF")).toBeUndefined();
  });

  test("is a part of Google's three, for half a sheet is nobody's wish", () => {
    for (const name of Object.keys(google)) {
      const faults = faultsOf({ ...enough, ...google, [name]: "" });
      expect(faults).toEqual([expect.stringContaining(`${name} is missing`)]);
    }
    expect(loadConfig(enough).google).toBeUndefined();
  });

  test("never shows what the variables hold", () => {
    const wrong = Object.fromEntries(
      [...variables, "DACH_API"].map((name) => [name, `a hidden value, ${name}`]),
    );
    const faults = faultsOf(wrong).join("\n");
    expect(faults).not.toContain("hidden");
    expect(faultsOf(wrong).length).toBeGreaterThan(10);
  });
});

describe("a secret", () => {
  const config = loadConfig({ ...enough, ...google });
  const values = [...Object.values(secrets), pem.split("\n")[1] ?? pem];

  test.each([
    ["as JSON", () => JSON.stringify(config)],
    [
      "in a template",
      () => [config.database.url, ...(config.http.keys ?? [])].map((s) => `${s}`).join(),
    ],
    ["joined to a text", () => String(config.flowcore.apiKey) + config.database.url],
    ["on the console", () => Bun.inspect(config, { depth: 9 })],
    ["inspected in depth", () => inspect(config, { depth: 9, showHidden: true })],
    ["in a table", () => Bun.inspect.table([{ key: config.flowcore.apiKey }])],
    [
      "in the log",
      () => {
        const lines: string[] = [];
        createLogger("info", { write: (line) => void lines.push(line) }).info({ config }, "x");
        return lines.join();
      },
    ],
  ])("is not shown %s", (_how, print) => {
    const printed = print();
    expect(printed).toContain("[secret]");
    for (const value of values) expect(printed).not.toContain(value);
    expect(printed).not.toContain("database-secret");
  });

  test("is among all that a log must hide, and of an address its password is", () => {
    expect(secretsOf(config)).toEqual(
      expect.arrayContaining(["database-secret", secrets.DACH_API, secrets.DACH_WEBHOOK_SECRET]),
    );
    expect(secretsOf(config).join()).not.toContain("db.example.com");
  });

  test("is shown to whoever asks for it", () => {
    expect(new Secret("mine").reveal()).toBe("mine");
    expect(config.database.url.reveal()).toBe(secrets.DATABASE_URL);
  });
});

describe("accounts", () => {
  const accountsOf = (env: Record<string, string>) =>
    loadConfig({
      ...enough,
      DACH_API: "",
      VIVENU_SECRET: "",
      DACH_WEBHOOK_SECRET: "",
      ...env,
    }).vivenu.accounts.map(({ region, apiKey, webhookKeys, sellerId }) => ({
      region,
      apiKey: apiKey.reveal(),
      webhookKeys: webhookKeys.map((key) => key.reveal()),
      sellerId,
    }));

  test("are on where their key is there, the nine of HYROX unless others are named", () => {
    const accounts = accountsOf({ USA_API: "key_usa", NORWAY_API: "key_norway", UK_API: "key_uk" });
    expect(accounts).toEqual([
      { region: "USA", apiKey: "key_usa", webhookKeys: [], sellerId: undefined },
      { region: "NORWAY", apiKey: "key_norway", webhookKeys: [], sellerId: undefined },
    ]);
    expect(loadConfig(enough).vivenu.regions).toHaveLength(9);
  });

  test("have the webhook key of all where they have none of their own, both keys while it is rotated", () => {
    const accounts = accountsOf({
      DACH_API: "key_dach",
      DACH_WEBHOOK_SECRET: "the-new-key-of-dach, the-old-key-of-dach",
      USA_API: "key_usa",
      VIVENU_SECRET: "the-new-key-of-all, the-old-key-of-all",
    });
    expect(accounts.map(({ webhookKeys }) => webhookKeys)).toEqual([
      ["the-new-key-of-dach", "the-old-key-of-dach"],
      ["the-new-key-of-all", "the-old-key-of-all"],
    ]);
  });

  test("of other sellers are a matter of configuration", () => {
    const accounts = accountsOf({
      VIVENU_REGIONS: "acme, UK_IRELAND,,ACME",
      ACME_API: "key_acme\n",
      ACME_SELLER_ID: " 65aa ",
      UK_IRELAND_API: "key_uk",
      DACH_API: "key_dach",
    });
    expect(accounts.map(({ region, apiKey }) => [region, apiKey])).toEqual([
      ["ACME", "key_acme"],
      ["UK_IRELAND", "key_uk"],
    ]);
    expect(accounts[0]?.sellerId).toBe("65aa");
  });

  test("whose names could be no variables are a fault", () => {
    const wrong = "VIVENU_REGIONS must be names like DACH or UK_IRELAND";
    expect(faultsOf({ ...enough, VIVENU_REGIONS: "DACH,UK-IRELAND" })).toEqual([wrong]);
    expect(faultsOf({ ...enough, VIVENU_REGIONS: ", ," })).toEqual([
      "VIVENU_REGIONS names no account",
    ]);
  });

  test("that a rule, a spreadsheet or a key is kept to are accounts that there are", () => {
    const key = "a".repeat(64);
    const kept = (region: string) => ({
      ...enough,
      NOTIFICATIONS: `{"channels": {"a": {"slack": "https://example.org/x"}}, "rules": [{"to": "a", "regions": ["dach", "${region}"]}], "digest": {"to": "a", "at": "07:30", "zone": "UTC", "regions": ["${region}"]}}`,
      SHEET_COPIES: `[{"id": "x", "regions": ["${region}"]}]`,
      API_KEYS: `partner:read+account=${region}:${key}`,
    });
    expect(faultsOf(kept("france"))).toEqual([]);
    const there =
      "there are DACH, FRANCE, ITALY, BENELUX, SWITZERLAND, USA, CANADA, AUSTRALIA, NORWAY";
    expect(faultsOf(kept("Frnace"))).toEqual(
      [
        "NOTIFICATIONS rules.0.regions",
        "NOTIFICATIONS digest.regions",
        "SHEET_COPIES 0.regions",
        "API_KEYS partner",
      ].map((where) => `${where} names "FRNACE", which is no account; ${there}`),
    );
  });

  test("a key of BACKEND_API_KEY that API_KEYS has too is no second key", () => {
    const { BACKEND_API_KEY: key } = enough;
    const digest = new Bun.CryptoHasher("sha256").update(key).digest("hex");
    expect(faultsOf({ ...enough, API_KEYS: `ops:admin:${digest}` })).toEqual([
      "API_KEYS gives one key several names: default, ops",
    ]);
  });

  test("are not said to be missing because something else is wrong", () => {
    const env = { ...enough, VIVENU_REGIONS: "ACME", ACME_API: "key_acme" };
    expect(faultsOf({ ...env, PORT: "a port" })).toEqual([expect.stringContaining("PORT")]);
  });
});

describe("reading and sending", () => {
  test("go by the defaults of the code where nothing is said", () => {
    const { passes: reading, sending } = loadConfig({
      ...enough,
      PROCESS_BACKLOG_ON_STARTUP: "off",
    });
    expect(reading).toEqual({ ...defaultPasses, pollIntervalMs: 2_000 });
    expect(sending).toEqual({ unconfirmedMs: 300_000 });
    expect(loadConfig(enough).flowcore.readTimeoutMs).toBe(30_000);
    expect(loadConfig(enough).passes.onStartBuckets).toBe(3);
  });

  test("are told in seconds", () => {
    const { passes: reading, sending } = loadConfig({
      ...enough,
      ...{ READ_PAGE_SIZE: "50", READ_TAIL: "1", READ_OVERLAP: "2", READ_OVERLAP_INTERVAL: "3" },
      ...{ READ_PREVIOUS_BUCKET: "4", READ_SWEEP: "5", READ_SWEEP_INTERVAL: "6" },
      ...{ READ_ON_START: "7", READ_CLOCK_SKEW: "8", POLL_INTERVAL: "9", UNCONFIRMED_AFTER: "10" },
      BACKLOG_TIME_BUCKETS: "11",
    });
    expect(reading).toEqual({
      ...{ pageSize: 50, tailMs: 1_000, overlapMs: 2_000, overlapEveryMs: 3_000 },
      ...{ previousBucketMs: 4_000, sweepMs: 5_000, sweepEveryMs: 6_000, onStartMs: 7_000 },
      ...{ skewMs: 8_000, pollIntervalMs: 9_000, onStartBuckets: 11 },
    });
    expect(sending).toEqual({ unconfirmedMs: 10_000 });
    const cold = loadConfig({ ...enough, READ_TIMEOUT: "280" });
    expect(cold.flowcore.readTimeoutMs).toBe(280_000);
  });
});

describe("the drain on shutdown", () => {
  test("is 3 s, none in development, or what is said", () => {
    expect(loadConfig(enough).http.drainMs).toBe(3_000);
    expect(loadConfig(enough, { dev: true }).http.drainMs).toBe(0);
    expect(loadConfig({ ...enough, SHUTDOWN_DRAIN: "7" }, { dev: true }).http.drainMs).toBe(7_000);
  });
});

describe("in development", () => {
  const { BACKEND_API_KEY: _key, ...withoutKey } = enough;

  test("nothing is relaxed but the API's key, and only this machine is answered", () => {
    for (const NODE_ENV of ["development", "test", "production", undefined]) {
      const config = loadConfig({ ...withoutKey, NODE_ENV, HOST: "0.0.0.0" }, { dev: true });
      expect(config.http).toMatchObject({ host: "127.0.0.1", keys: undefined });
    }
    expect(faultsOf({}, { dev: true })).toEqual(
      faultsOf({}).filter((fault) => !fault.startsWith("BACKEND_API_KEY")),
    );
  });

  test("a key that is set is asked for", () => {
    const { http } = loadConfig({ ...enough, BACKEND_API_KEY: "dev" }, { dev: true });
    expect(http.keys?.map((key) => key.reveal())).toEqual(["dev"]);
  });

  test("is not what NODE_ENV says: elsewhere there is no start without a key", () => {
    for (const NODE_ENV of ["development", "test", "production"]) {
      expect(faultsOf({ ...withoutKey, NODE_ENV })).toEqual(["BACKEND_API_KEY is missing"]);
      expect(loadConfig({ ...enough, NODE_ENV }).http.host).toBe("0.0.0.0");
    }
    expect(loadConfig({ ...enough }).environment).toBe("production");
  });
});

test("a flag is read as people write it", () => {
  const flag = (text: string) =>
    loadConfig({ ...enough, CHARITY_IN_TOTALS: text }).rules.charityInTotals;
  for (const text of ["0", "false", "off", "no", "FALSE", "Off"]) expect(flag(text)).toBe(false);
  for (const text of ["1", "true", "on", "yes", "TRUE"]) expect(flag(text)).toBe(true);
  expect(flag("")).toBe(true);
  const backlog = (env: Record<string, string>) =>
    loadConfig({ ...enough, ...env }).passes.onStartBuckets;
  expect(backlog({})).toBe(3);
  expect(backlog({ BACKLOG_TIME_BUCKETS: "12" })).toBe(12);
  expect(backlog({ PROCESS_BACKLOG_ON_STARTUP: "false", BACKLOG_TIME_BUCKETS: "12" })).toBe(0);
});

describe("when something is nearly sold out, and open again", () => {
  const soldOut = (env: Record<string, string> = {}) =>
    loadConfig({ ...enough, ...env }).rules.soldOut;

  test("goes by the defaults of the rules where nothing is said", () => {
    expect(soldOut()).toEqual({ ...defaultSoldOutPolicy, nearlyFromPercents: [80, 95] });
  });

  test("is the operator's to say", () => {
    const said = { NEARLY_SOLD_OUT: "50, 90.5", REOPEN_PLACES: "20", REOPEN_PERCENT: "2.5" };
    expect(soldOut(said)).toMatchObject({
      nearlyFromPercents: [50, 90.5],
      reopenPlaces: 20,
      reopenPercent: 2.5,
    });
    expect(soldOut({ NEARLY_SOLD_OUT: "Off" }).nearlyFromPercents).toEqual([]);
  });

  test("is no percentage that nothing can have", () => {
    const fault = 'NEARLY_SOLD_OUT must be "off" or percentages above 0 and below 100, like 80,95';
    for (const NEARLY_SOLD_OUT of ["0", "80,100", "80,", "80 %", "-5", "80;95"])
      expect(faultsOf({ ...enough, NEARLY_SOLD_OUT })).toEqual([fault]);
    for (const wrong of [
      { REOPEN_PLACES: "0" },
      { REOPEN_PERCENT: "0" },
      { REOPEN_PERCENT: "101" },
    ])
      expect(faultsOf({ ...enough, ...wrong })).toEqual([
        expect.stringContaining(Object.keys(wrong)[0] ?? ""),
      ]);
  });
});

test("the names and defaults that users of this family know", () => {
  const config = loadConfig(enough);
  expect(config.passes.pollIntervalMs).toBe(2_000);
  expect(config.vivenu).toMatchObject({
    baseUrl: "https://vivenu.com",
    mode: "prod",
    filter: { name: "hyrox", include: [], exclude: [] },
    budget: { perHour: 900, perMinute: 100 },
    webhooks: {
      bodyLimitBytes: 8 * 1024 * 1024,
      roomBytes: 32 * 1024 * 1024,
      answerWithinMs: 8_000,
    },
    recountIntervalMs: 30 * 60_000,
  });
  expect(loadConfig({ ...enough, VIVENU_BASE_URL: "https://vivenu.dev/" }).vivenu.baseUrl).toBe(
    "https://vivenu.dev",
  );
  expect(
    loadConfig({ ...enough, BACKEND_API_KEY: "new-key-of-sixteen, old-key-of-sixteen," }).http.keys,
  ).toHaveLength(2);
});

test("Google's private key has its lines again", () => {
  const { google: sheet } = loadConfig({ ...enough, ...google });
  expect(sheet?.privateKey.reveal()).toBe(pem);
});

test("every variable is described, with its default", () => {
  for (const { name, description } of describeVariables()) {
    expect({ name, isDescribed: description.length > 10 }).toEqual({ name, isDescribed: true });
  }
  const of = (wanted: string) => describeVariables().find(({ name }) => name === wanted);
  expect(of("PORT")).toMatchObject({ required: false, fallback: "18765" });
  expect(of("DATABASE_URL")).toMatchObject({ required: true, fallback: "" });
  expect(of("POLL_SCHEDULE")).toMatchObject({ required: false, fallback: "0 2 * * *" });
  expect(of("VIVENU_REGIONS")?.fallback).toStartWith("DACH,FRANCE");
});

test("to migrate, the database's address is enough", () => {
  expect(databaseUrlOf({ DATABASE_URL: ` ${secrets.DATABASE_URL}\n` })).toBe(secrets.DATABASE_URL);
  for (const DATABASE_URL of ["", "db.example.com", undefined])
    expect(() => databaseUrlOf({ DATABASE_URL })).toThrow("DATABASE_URL is missing or not");
});

describe("a name that nobody reads", () => {
  const { BACKEND_API_KEY: _key, DACH_WEBHOOK_SECRET: _secret, ...others } = enough;
  const no = (name: string, hint: string) => `${name} is no variable of this service; ${hint}`;

  test("stops the start where it is nearly that of a variable that is not set", () => {
    const slips = {
      ...{ VIVENU_REGION: "DACH", VIVENU_EVNET_FILTER: "hyrox", DACH_WEBHOOK_SECRETS: "k" },
      ...{ BACKEND_API_KEYS: "a-key-that-is-long-enough", METRIC_PORT: "9090", LOG_LEVLE: "debug" },
      ...{ vivenu_mode: "any", FRANCE_APY: "key_france", BENELUS_SELLER_ID: "s" },
      ...{ NOTIFICATION: "{}", "GOOGLE-SHEET-ID": "sheet", POLLSCHEDULE: "off" },
    };
    expect(faultsOf({ ...others, ...slips }).toSorted()).toEqual(
      [
        "BACKEND_API_KEY is missing",
        no("BACKEND_API_KEYS", "BACKEND_API_KEY is"),
        no("DACH_WEBHOOK_SECRETS", "DACH_WEBHOOK_SECRET is"),
        no("BENELUS_SELLER_ID", "BENELUX_SELLER_ID is"),
        no("FRANCE_APY", "FRANCE_API is"),
        no("GOOGLE-SHEET-ID", "GOOGLE_SHEET_ID is"),
        no("NOTIFICATION", "NOTIFICATIONS is"),
        no("POLLSCHEDULE", "POLL_SCHEDULE is"),
        no("LOG_LEVLE", "LOG_LEVEL is"),
        no("METRIC_PORT", "METRICS_PORT is"),
        no("VIVENU_EVNET_FILTER", "VIVENU_EVENT_FILTER is"),
        no("VIVENU_REGION", "VIVENU_REGIONS is"),
        no("vivenu_mode", "VIVENU_MODE is"),
      ].toSorted(),
    );
  });

  test("is a note where it was meant for this service all the same", () => {
    const meant = {
      ...{ BACKEND_API_KEYS: "k", VIVENU_FILTER: "hyrox", DACH_API_KEY: "k", SPAIN_API: "k" },
      ...{ UK_WEBHOOK_SECRET: "k", GOOGLE_SERVICE_ACCOUNT: "k" },
    };
    expect(loadConfig({ ...enough, ...meant }).notes).toEqual([
      no("BACKEND_API_KEYS", "BACKEND_API_KEY is, and is set as well"),
      no("VIVENU_FILTER", "docs/configuration.md lists them"),
      no(
        "DACH_API_KEY",
        "of an account there are DACH_API, DACH_WEBHOOK_SECRET and DACH_SELLER_ID",
      ),
      no("SPAIN_API", "VIVENU_REGIONS names no account SPAIN"),
      no("UK_WEBHOOK_SECRET", "VIVENU_REGIONS names no account UK"),
      no("GOOGLE_SERVICE_ACCOUNT", "docs/configuration.md lists them"),
    ]);
    const { DACH_API: _api, ...accountless } = enough;
    expect(faultsOf({ ...accountless, DACH_API_KEY: "k" }).at(-1)).toStartWith(
      "DACH_API_KEY is no",
    );
  });

  test("is nobody's business where others put it, or where it is empty", () => {
    const theirs = {
      ...{ VIVENU_EVENT_MONITOR_SERVICE_HOST: "10.0.0.7", VIVENU_SERVICE_PORT_HTTP: "80" },
      ...{
        DATABASE_URL_PORT: "tcp://10.0.0.8:5432",
        VIVENU_EVENT_MONITOR_PORT: "tcp://10.0.0.7:80",
      },
      ...{ KUBERNETES_SERVICE_PORT: "443", VIVENU_EVENT_MONITOR_PORT_80_TCP: "tcp://10.0.0.7:80" },
      ...{ VIVENU_PORT_443_TCP_ADDR: "10.0.0.9", FLOWCORE_SERVICE_HOST: "10.0.0.9" },
      ...{ METRICS_PORT_PORT: "tcp://10.0.0.9:1", SHEET_PORT: "udp://10.0.0.9:53" },
      ...{ GOOGLE_APPLICATION_CREDENTIALS: "/key", GOOGLE_CLOUD_PROJECT: "p", LOGLEVEL: "x" },
      ...{ HOSTNAME: "pod", npm_config_node_env: "x", POSTGRES_DB: "x", PGHOST: "x", API_URL: "x" },
      ...{ FRANCE_API: "", VIVENU_REGION: " ", VIVENU_FILTER: "" },
    };
    const config = loadConfig({ ...enough, VIVENU_REGIONS: "DACH", ...theirs, ITALY_API: "k" });
    expect(config.notes).toEqual([]);
  });
});
