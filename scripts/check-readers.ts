/**
 * `npm run check:readers`: what programs that people open files with make of ours. The workbook and CSV of a
 * started service are read by LibreOffice, openpyxl, SheetJS and exceljs, and have to hold the API's numbers
 * and instants cell by cell. What each makes of CSV is written into `docs/sheet/readers.md`. It needs Debian's
 * `libreoffice-calc` and `python3-openpyxl`, installs public packages in a temporary folder, and so is no part
 * of `npm test`. With the address of a running \`npm run dev\` it reads that one, which sells meanwhile.
 */
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  isDate,
  isSameCell,
  msOf,
  type ReadCell,
  type ReadSheets,
  recordsOf,
} from "./readers/cells.ts";
import { type CsvReader, csvTable, specimens } from "./readers/csv-table.ts";
import { type ApiRow, type ExpectedTab, expectedTabs } from "./readers/expected.ts";
import { readByLibreOffice } from "./readers/libreoffice.ts";
import { startService } from "./started-service.ts";

const KEY = "a-key-that-only-this-check-knows";
const PYTHON = "/usr/bin/python3";
const TABLE = join(import.meta.dir, "..", "docs", "sheet", "readers.md");
const packages = { xlsx: "0.18.5", exceljs: "4.4.0" };
const MOST_TOLD = 8;
const MOST_TRIES = 5;

const [, , address] = process.argv;
const failures: string[] = [];
const say = (text: string) => process.stdout.write(`${text}\n`);
const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-readers-"));

const byScript = async (script: string, file: string): Promise<ReadSheets> =>
  JSON.parse(await run([process.execPath, `${script}.ts`, file]));
const workbookReaders: Record<string, (file: string) => Promise<ReadSheets>> = {
  LibreOffice: (file) => readByLibreOffice(file, folder),
  openpyxl: async (file) => (await openpyxl(file)).cells,
  SheetJS: (file) => byScript("sheetjs", file),
  exceljs: (file) => byScript("exceljs", file),
};
/** Comma, quote, UTF-8, first row, no formats of columns, the locale's language, and whether kinds are found out. */
const csvReaders: Record<string, CsvReader> = {
  "LibreOffice, as it asks": (file) =>
    readByLibreOffice(file, folder, "44,34,76,1,,2057,false,false"),
  "LibreOffice, *Detect special numbers*": (file) =>
    readByLibreOffice(file, folder, "44,34,76,1,,2057,false,true"),
  SheetJS: (file) => byScript("sheetjs", file),
  exceljs: (file) => byScript("exceljs", file),
};

try {
  say("installing the readers");
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ type: "module", dependencies: packages }),
  );
  await run([process.execPath, "install", "--ignore-scripts", "--silent"]);
  await cp(join(import.meta.dir, "readers"), folder, { recursive: true });
  const headers = { "x-api-key": process.env.BACKEND_API_KEY ?? "" };
  if (address) await checkAll((path) => fetch(address + path, { headers }));
  else {
    say("starting the service with a season");
    await using service = await startService({ key: KEY, season: "years" });
    await changeSomething(service);
    await checkAll(service.get);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
say(failures.length === 0 ? "\nAll is well." : `\n${failures.length} failed.`);
process.exitCode = failures.length === 0 ? 0 : 1;

/** An event's name and launch, a ticket type's price and places, and waits until the changes can be read. */
async function changeSomething({ vivenu, get }: { vivenu: string; get: Get }) {
  const { events } = (await (await get("/api/events?status=ON_SALE&limit=1")).json()) as Lists;
  const eventId = String(events[0]?.eventId);
  const { ticketTypes } = (await (await get(`/api/events/${eventId}`)).json()) as Lists;
  const patch = (path: string, body: object) =>
    fetch(`${vivenu}/sandbox/events/${eventId}${path}`, {
      ...{ method: "PATCH", body: JSON.stringify(body) },
      headers: { "content-type": "application/json" },
    });
  await patch("", { name: '=HYROX "renamed"', sellStart: "2026-01-15T11:30:00.000Z" });
  await patch(`/ticket-types/${ticketTypes[0]?.ticketTypeId}`, { price: 123.45, amount: 1_234 });
  const areTold = async () => {
    const { changes } = (await (await get("/api/changes?firstCounts=false")).json()) as Lists;
    return ["name", "price", "amount"].every((field) =>
      changes.some((change) => change.field === field),
    );
  };
  for (let tries = 0; !(await areTold()); tries += 1) {
    if (tries > 120) throw new Error("the changes did not come");
    await Bun.sleep(500);
  }
}

async function versions() {
  const [, office = ""] = /^LibreOffice (\S+)/.exec(await run(["soffice", "--version"])) ?? [];
  const openpyxl = await run([PYTHON, "-c", "import openpyxl; print(openpyxl.__version__)"]);
  return `LibreOffice ${office}, openpyxl ${openpyxl.trim()}, SheetJS ${packages.xlsx} and exceljs ${packages.exceljs}`;
}

type Lists = Record<"events" | "ticketTypes" | "changes", ApiRow[]>;
type Get = (path: string) => Promise<Response>;

async function checkAll(get: Get) {
  await checkWorkbook(get);
  await checkCsv(get);
}

/** Each reader has the API's values, and all have the same of tabs that the API has no list of. */
async function checkWorkbook(get: Get) {
  const { file, lists } = await ofOneMoment(get);
  const { looks } = await openpyxl(file);
  for (const [sheet, look] of Object.entries(looks)) {
    const { frozen, filter, header, orientation, fits } = look;
    const isWell = Boolean(frozen) && header === "$1:$1" && orientation === "landscape";
    const isFiltered = sheet === "Status" || Boolean(filter);
    check(`${sheet} prints on one page's width`, isWell && isFiltered && fits.join() === "true,0");
  }
  const read: Record<string, ReadSheets> = {};
  for (const [name, reader] of Object.entries(workbookReaders)) read[name] = await reader(file);
  for (const [name, sheets] of Object.entries(read))
    for (const [title, expected] of Object.entries<ExpectedTab>(expectedTabs))
      compareTab(`${name}: ${title}`, sheets[title] ?? {}, lists[title] ?? [], expected);
  const [first = "", ...others] = Object.keys(read);
  for (const other of others) compareSheets(first, other, read);
}

/** The workbook, and the API's lists as they were before it and after: an event may be launched meanwhile. */
async function ofOneMoment(get: Get) {
  for (let tries = 1; ; tries += 1) {
    const before = await listsOf(get);
    const file = await downloaded(get, "/api/downloads/vivenu.xlsx", "vivenu.xlsx");
    const lists = await listsOf(get);
    if (tries === MOST_TRIES || Bun.deepEquals(before, lists)) return { file, lists };
  }
}

async function checkCsv(get: Get) {
  const human = await downloaded(get, "/api/downloads/events.csv", "human.csv");
  const machine = await downloaded(get, "/api/events?format=csv", "machine.csv");
  const made = join(folder, "specimens.csv");
  await writeFile(made, specimens);
  const events = (await (await get("/api/events?limit=200")).json()) as { events: ApiRow[] };
  for (const [name, read] of Object.entries(csvReaders)) {
    const [sheet = {}] = Object.values(await read(machine));
    const records = recordsOf(sheet);
    const wrong = events.events.flatMap((event) => {
      const found = records.find(({ eventId }) => eventId === event.eventId) ?? {};
      return ["totalCapacity", "totalSold", "totalAvailable", "percentSold", "reserved"].filter(
        (column) => !isSameCell(found[column] ?? null, event[column] as ReadCell),
      );
    });
    check(`${name}: numbers of CSV for machines are the API's`, wrong.length === 0, wrong);
    const lost = events.events.flatMap((event) => {
      const found = records.find(({ eventId }) => eventId === event.eventId) ?? {};
      const [cell, at] = [found.eventDate ?? null, String(event.eventDate)];
      return cell === at || isSameCell(cell, { date: at }) ? [] : `${shown(cell)}, not ${at}`;
    });
    check(`${name}: instants of CSV for machines are the API's`, lost.length === 0, lost);
  }
  const files = { human, machine, specimens: made };
  await writeFile(TABLE, await csvTable(files, csvReaders, await versions()));
  say(`\n${TABLE}`);
}

async function listsOf(get: Get): Promise<Record<string, ApiRow[]>> {
  const walk = async (path: string, name: string) => {
    const rows: ApiRow[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page = (await (await get(`${path}${cursor && `&cursor=${cursor}`}`)).json()) as ApiRow;
      rows.push(...(page[name] as ApiRow[]));
      cursor = (page.nextCursor as string | null | undefined) ?? null;
    }
    return rows;
  };
  const events = await walk("/api/events?limit=200", "events");
  const statuses = new Map(events.map(({ eventId, status }) => [eventId, status]));
  const ticketTypes = await walk("/api/ticket-types?limit=1000", "ticketTypes");
  return {
    Events: events,
    Overview: events.filter(({ status }) => status !== "CANCELLED"),
    // The tab has the event's status beside each ticket type, which the API says of the event alone.
    "Ticket Types": ticketTypes.map((row) => ({ ...row, status: statuses.get(row.eventId) })),
    "Sales Date Changes": await walk("/api/changes?limit=1000", "changes"),
    Changes: await walk("/api/changes?limit=1000&firstCounts=false", "changes"),
  };
}

function compareTab(
  title: string,
  cells: Record<string, ReadCell>,
  rows: readonly ApiRow[],
  { keys, columns }: ExpectedTab,
) {
  const keyOf = (row: Record<string, ReadCell>) =>
    JSON.stringify(keys.map((key) => keyPartOf(row[key] ?? null)));
  const found = new Map(recordsOf(cells).map((record) => [keyOf(record), record]));
  const wrong = rows.flatMap((row) => {
    const wanted = Object.fromEntries(
      Object.entries(columns).map(([header, expected]) => [header, expected(row)]),
    );
    const record = found.get(keyOf(wanted));
    if (!record) return [`no row ${keyOf(wanted)}`];
    return Object.entries(wanted).flatMap(([header, cell]) =>
      isSameCell(record[header] ?? null, cell)
        ? []
        : [`${keyOf(wanted)} ${header}: ${shown(record[header])}, not ${shown(cell)}`],
    );
  });
  const count = rows.length * Object.keys(columns).length;
  check(`${title}: ${count} cells are the API's`, rows.length > 0 && wrong.length === 0, wrong);
}

function compareSheets(one: string, other: string, read: Record<string, ReadSheets>) {
  const [left = {}, right = {}] = [read[one], read[other]];
  const wrong = Object.keys(left).flatMap((sheet) => {
    const [a = {}, b = {}] = [left[sheet], right[sheet]];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])]
      .filter((at) => !isSameCell(a[at] ?? null, b[at] ?? null))
      .map((at) => `${sheet}!${at}: ${shown(a[at])} and ${shown(b[at])}`);
  });
  check(`${other} has what ${one} has, in each cell of each tab`, wrong.length === 0, wrong);
}

/** SheetJS has a time a millisecond early. */
function keyPartOf(cell: ReadCell) {
  return isDate(cell) ? Math.round(msOf(cell) / 1_000) : cell;
}

function shown(cell: unknown) {
  return JSON.stringify(cell ?? null);
}

interface Look {
  frozen: string | null;
  filter: string | null;
  header: string | null;
  orientation: string | null;
  fits: unknown[];
}

async function openpyxl(file: string): Promise<{
  cells: ReadSheets;
  looks: Record<string, Look>;
}> {
  return JSON.parse(await run([PYTHON, join(folder, "openpyxl_cells.py"), file]));
}

async function downloaded(get: Get, path: string, name: string) {
  const answer = await get(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  const file = join(folder, name);
  await Bun.write(file, await answer.arrayBuffer());
  return file;
}

async function run(words: string[]) {
  // SheetJS gives dates of the machine's clock.
  const env = { ...process.env, TZ: "UTC" };
  const streams = { stdin: "ignore", stdout: "pipe", stderr: "pipe" } as const;
  const child = Bun.spawn(words, { cwd: folder, env, ...streams });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}: ${err.slice(-2_000)}`);
  return out;
}

function check(title: string, isWell: boolean, wrong: readonly string[] = []) {
  say(`${isWell ? "ok    " : "FAILED"}  ${title}`);
  if (isWell) return;
  failures.push(title);
  for (const one of wrong.slice(0, MOST_TOLD)) say(`        ${one}`);
  if (wrong.length > MOST_TOLD) say(`        and ${wrong.length - MOST_TOLD} more`);
}
