import { expect, test } from "bun:test";
import { dirname, join, relative } from "node:path";
import { Glob } from "bun";

const root = join(import.meta.dir, "..");
const everythingInSrc = [
  ...[
    "contracts",
    "lib",
    "rules",
    "vivenu",
    "database",
    "datacore",
    "pathway",
    "intake",
    "projections",
  ],
  ...["sheets", "api", "page", "notify", "config", "commands"],
];

/** Who may import whom. A folder not named here may not exist. */
const mayImport: Record<string, string[]> = {
  contracts: [],
  lib: [],
  // Defaults are the rooms' own.
  config: ["rules", "vivenu", "database", "intake", "projections", "sheets", "notify", "lib"],
  rules: ["contracts"],
  vivenu: ["lib"],
  database: ["lib"],
  datacore: ["contracts", "database", "lib"],
  pathway: ["database", "lib"],
  intake: ["contracts", "rules", "vivenu", "datacore", "database", "lib"],
  projections: ["contracts", "rules", "datacore", "database", "lib"],
  sheets: ["projections", "rules", "database", "lib"],
  api: ["projections", "rules", "database", "lib"],
  // It is handed what it reads, as sheets and API are.
  notify: ["projections", "rules", "database", "lib"],
  // What people look at says what the API says.
  page: ["api", "projections", "rules", "lib"],
  // The two rooms that build: what a command does for long is a service.
  service: everythingInSrc,
  commands: [...everythingInSrc, "service"],
  "main.ts": [...everythingInSrc, "service"],
};

/** Nothing else of theirs is `sheets`', `api`'s, `page`'s and `notify`'s business. */
const readsOnly = [
  "projections/queries/rows.ts",
  "projections/queries/row-types.ts",
  "database/connect.ts",
];

test("folders import only what the architecture allows", async () => {
  const offences: string[] = [];
  for await (const { file, imported } of importsOf("src")) {
    const from = roomOf(file);
    const to = roomOf(imported);
    if (imported.startsWith("..")) {
      if (imported !== "../package.json") offences.push(`src/${file} imports ${imported}`);
    } else if (to !== from && !mayImport[from]?.includes(to))
      offences.push(`src/${file} imports ${to}`);
    else if (
      ["sheets", "api", "page", "notify"].includes(from) &&
      ["projections", "database"].includes(to)
    ) {
      const isOwn = from === "notify" && imported === "database/dead-letter.ts";
      if (!readsOnly.includes(imported) && !isOwn) offences.push(`src/${file} imports ${imported}`);
    }
  }
  expect(offences).toEqual([]);
});

/** How the tables of rooms below call a file that is in none of them. */
const AT_THE_TOP = ".";

/** From facts to rows, and from rows to who reads them. */
const projectionRooms: Record<string, string[]> = {
  tables: [],
  consumer: ["tables"],
  rebuild: ["consumer", "tables"],
  derived: ["tables"],
  queries: ["derived", "tables"],
};

/** From Vivenu to the outbox: what is read and recorded, when, and what is kept of it. */
const intakeRooms: Record<string, string[]> = {
  store: [],
  events: ["store"],
  counting: ["events", "store"],
  polling: ["counting", "events", "store"],
  webhooks: ["events", "store"],
};

/** From rows to cells; a file that is in no room has the room's settings. */
const sheetRooms: Record<string, string[]> = {
  google: [],
  layout: ["google"],
  match: ["google", "layout"],
  sync: ["google", "layout", "match"],
  [AT_THE_TOP]: ["google", "layout", "sync"],
};

/** What is asked, who may ask, how each answer leaves, and the routes by subject; at the top is what knows all routes. */
const apiRooms: Record<string, string[]> = {
  request: [],
  access: ["request"],
  answer: ["request"],
  files: ["request", "answer"],
  events: ["request", "files"],
  sales: ["request", "files", "events"],
  changes: ["request", "files", "events"],
  operation: ["request"],
  [AT_THE_TOP]: [
    ...["request", "access", "answer", "files"],
    ...["events", "sales", "changes", "operation"],
  ],
};

/** What there is to tell, who is told how, what waits to be told, and what looks for it; at the top are the settings. */
const notifyRooms: Record<string, string[]> = {
  notices: [],
  [AT_THE_TOP]: ["notices"],
  digest: ["notices"],
  channels: ["notices", AT_THE_TOP],
  outbox: ["notices", "digest", "channels", AT_THE_TOP],
  watch: ["notices", "digest", "outbox", AT_THE_TOP],
};

/** What runs beside what, who answers HTTP, reads and loops, and what of all that `/status` says. */
const serviceRooms: Record<string, string[]> = {
  status: [],
  acts: [],
  processes: ["status"],
  reads: ["processes", "status"],
  http: ["acts", "processes", "reads", "status"],
  loops: ["acts", "processes", "reads", "status"],
  [AT_THE_TOP]: ["http", "loops", "processes", "reads", "status"],
};

/** What commands are built from and run by; at the top is a file each, and `program` parses and prints. */
const commandRooms: Record<string, string[]> = {
  build: [],
  run: ["build"],
  [AT_THE_TOP]: ["build", "run"],
  dev: ["run"],
  doctor: ["build", "run", AT_THE_TOP],
  program: ["build", "dev", "doctor", "run", AT_THE_TOP],
};

test.each([
  ["projections", projectionRooms],
  ["intake", intakeRooms],
  ["sheets", sheetRooms],
  ["api", apiRooms],
  ["notify", notifyRooms],
  ["service", serviceRooms],
  ["commands", commandRooms],
])("the rooms of %s import each other one way only", async (folder, rooms) => {
  const offences: string[] = [];
  const of = (path: string) => (path.split("/").length > 2 ? path.split("/")[1] : "") || AT_THE_TOP;
  for await (const { file, imported } of importsOf("src"))
    if (roomOf(file) === folder && roomOf(imported) === folder)
      if (of(file) !== of(imported) && !rooms[of(file)]?.includes(of(imported)))
        offences.push(`src/${file} imports src/${imported}`);
  expect(offences).toEqual([]);
});

test("of intake, only the store speaks SQL", async () => {
  const speaking: string[] = [];
  for await (const file of sourcesOf("src"))
    if (roomOf(file) === "intake" && !file.startsWith("intake/store/"))
      if (/\b(?:sql|tx)(?:<[^`;]*>)?`/.test(await Bun.file(join(root, "src", file)).text()))
        speaking.push(`src/${file}`);
  expect(speaking).toEqual([]);
});

test("the sandbox shares nothing with what it is played for", async () => {
  const offences: string[] = [];
  for await (const { file, imported } of importsOf("sandbox"))
    if (imported.startsWith("..")) offences.push(`sandbox/${file} imports ${imported}`);
  expect(offences).toEqual([]);
});

test("probes share nothing with what plays for them, nor with the product", async () => {
  const offences: string[] = [];
  for await (const { file, imported } of importsOf("conformance"))
    if (imported.startsWith("..")) offences.push(`conformance/${file} imports ${imported}`);
  expect(offences).toEqual([]);
});

test("the image holds what main.ts imports, one by one, and no test's helper", async () => {
  const ignored = (await Bun.file(join(root, ".dockerignore")).text()).split("\n");
  expect(ignored).toContain("!src");
  expect(ignored).toContain("src/**/*.test.ts");
  const imports = new Map<string, string[]>();
  for await (const { file, imported } of importsOf("src"))
    imports.set(file, [...(imports.get(file) ?? []), imported]);
  const needed = new Set(["main.ts"]);
  // Charts are for all views, whether or not one shows each of them.
  for (const file of [...imports.keys(), "page/script.ts"])
    if (/^page\/(chart\/|script\.ts)/.test(file)) needed.add(file);
  for (const file of needed) for (const one of imports.get(file) ?? []) needed.add(one);
  const shipped = await Array.fromAsync(new Glob("**/*.{ts,tsx}").scan(join(root, "src")));
  // What browsers run is bundled from where it is.
  const isOurs = (file: string) =>
    !/\.(test|d)\.ts$/.test(file) && !file.startsWith("page/client/");
  expect(shipped.filter((file) => isOurs(file) && !needed.has(file))).toEqual([]);
});

test("only main reads the environment", async () => {
  const readers: string[] = [];
  for await (const file of sourcesOf("src"))
    if (/process\.env|Bun\.env/.test(await Bun.file(join(root, "src", file)).text()))
      readers.push(file);
  expect(readers).toEqual(["main.ts"]);
});

test("only one module knows timezones: the runtime's zone data may be older than the law", async () => {
  const knowing: string[] = [];
  for await (const file of sourcesOf("src"))
    if (OF_ZONES.test(await Bun.file(join(root, "src", file)).text())) knowing.push(`src/${file}`);
  for await (const file of sourcesOf("sandbox"))
    if (OF_ZONES.test(await Bun.file(join(root, "sandbox", file)).text()))
      knowing.push(`sandbox/${file}`);
  expect(knowing.sort()).toEqual([
    "sandbox/vivenu/season/calendar.ts",
    // It asks PostgreSQL for its own, to compare them.
    "src/commands/doctor/database.ts",
    "src/lib/zones.ts",
    // A browser says in which zone it is.
    "src/page/client/small.ts",
  ]);
});

/** What works out local times: by Intl, by Temporal, by the machine's own zone, by PostgreSQL's data. */
const OF_ZONES =
  /\bIntl\.DateTimeFormat\(|\bTemporal\.|"moment(-timezone)?"|\.toLocale(Date|Time)?String\(|\.get(FullYear|Month|Date|Day|Hours|Minutes|TimezoneOffset)\(|\bat time zone\b(?! 'UTC')/;

/** Type-only imports are dependencies too. */
async function* importsOf(folder: string) {
  const base = join(root, folder);
  for await (const file of sourcesOf(folder)) {
    const code = await Bun.file(join(base, file)).text();
    for (const [, path = ""] of code.matchAll(/(?:\bfrom|\bimport\(?)\s*"(\.[^"]+)"/g))
      yield { file, imported: relative(base, join(base, dirname(file), path)) };
  }
}

/** Tests stand outside: they may set up whatever they look at. */
async function* sourcesOf(folder: string) {
  for await (const file of new Glob("**/*.{ts,tsx}").scan(join(root, folder)))
    if (!/(^|\/)testing\.ts$|\.test\.ts$|\.d\.ts$/.test(file)) yield file;
}

const roomOf = (path: string) => path.split("/")[0] ?? "";
