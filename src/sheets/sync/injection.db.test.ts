import { expect, test } from "bun:test";
import { unzipSync } from "fflate";
import { fc } from "../../../test/support/fast-check.ts";
import { runs } from "../../../test/support/runs.ts";
import { event, fixedColumns, idOf, scene, ticketType } from "../../../test/support/sheet.ts";
import { csvFiles, workbook } from "../layout/files.ts";
import { defaultLayout } from "../layout/layout.ts";

const known = [
  "=1+1",
  "+1+1",
  "-1+1",
  "@SUM(1,1)",
  "\t=1+1",
  "\r=1+1",
  "\n=1+1",
  " =1+1",
  "'=1+1",
  '"=1+1',
  '=HYPERLINK("https://example.com";"win")',
  '=IMPORTXML("https://example.com";"//a")',
  '=IMAGE("https://example.com/x.png")',
  "=cmd|' /C calc'!A0",
  "@=1+1",
  "＝1+1",
  "＋1+1",
  "－1+1",
  "＠SUM(1)",
  "https://example.com",
  "mailto:x@example.com",
  "2026-01-01",
  "1e3",
  "TRUE",
  "00012",
  "50%",
  "<script>alert(1)</script>",
  "=1+1,=2+2;=3+3",
  '";=1+1;"',
];

/** Some thousands, of each commit others. */
const NAMES = Math.min(10_000, runs(4_000));

const generated = fc.sample(
  fc
    .tuple(
      fc.constantFrom("=", "+", "-", "@", "\t=", "\r\n=", "'", '"', "＝", " =", "|", ";=", ",", ""),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
      fc.constantFrom("", "(1)", "!A1", "|' /C x'!A0", '("https://example.com")'),
    )
    .map((parts) => parts.join("")),
  NAMES,
);
const eventNames = [...known, ...generated.slice(0, NAMES / 2)];
const ticketNames = [...known, ...generated.slice(NAMES / 2)];

const rowsOf = (events: readonly string[], tickets: readonly string[]) => ({
  events: events.map((eventName, index) =>
    event({ eventId: idOf(index), eventName, location: eventName }),
  ),
  ticketTypes: tickets.map((ticketName, index) =>
    ticketType({ eventName: ticketName, ticketTypeId: idOf(index), ticketName }),
  ),
});

test("thousands of names that try to be formulas, links, dates and numbers stay texts", async () => {
  await using it = await scene();
  Object.assign(it.rows, rowsOf(eventNames, ticketNames));
  // The columns that came later are made of the same kinds.
  const settings = fixedColumns;
  const mirror = it.mirrorOnto(it.client({ timeoutMs: 20_000 }), { settings });
  await mirror.sync();
  expect(await (await fetch(`${it.played.url}/sandbox/formulas`)).json()).toEqual([]);
  const found = await it
    .client({ timeoutMs: 20_000 })
    .read([{ title: "Events" }, { title: "Ticket Types" }]);
  for (const [tab, column, names] of [
    [0, 2, eventNames],
    [1, 4, ticketNames],
  ] as const) {
    const cells = found.tabs[tab]?.rows.slice(1).map((row) => row[column]) ?? [];
    expect(cells).toHaveLength(names.length);
    const wrong = cells.filter(
      (cell, index) =>
        cell?.isFormula || cell?.value !== (names[index] ?? "").replace(/\r\n?/g, "\n"),
    );
    expect(wrong).toEqual([]);
  }
  expect(await mirror.sync()).toEqual({ cells: 0, requests: 0 });
});

const now = new Date("2026-03-01T12:00:00Z");

test("the same names are no formulas in CSV either", () => {
  const [events] = csvFiles({ rows: rowsOf(eventNames, []), settings: defaultLayout, now });
  const text = new TextDecoder().decode(events?.body);
  // A field that begins like a formula, quoted or not, would be run when the file is opened.
  const fields = text.match(/(?<=^|,|\n)(?:"(?:[^"]|"")*"|[^,"\n]*)/g) ?? [];
  expect(fields.length).toBeGreaterThan(10 * eventNames.length);
  expect(fields.filter((field) => /^"?[\s]*[=+\-@＝＋－＠]/.test(field))).toEqual([]);
});

test("nor in the workbook, which any reader of XML can open", async () => {
  const rows = rowsOf(eventNames.slice(0, 500), ticketNames.slice(0, 500));
  const { body } = await workbook({ rows, settings: defaultLayout, now });
  const parts = Object.entries(unzipSync(body)).map(
    ([name, bytes]) => [name, new TextDecoder("utf-8", { fatal: true }).decode(bytes)] as const,
  );
  const sheets = parts.filter(([name]) => name.startsWith("xl/worksheets/sheet"));
  expect(sheets).toHaveLength(2);
  for (const [, xml] of sheets) expect(xml).not.toMatch(/<f[ >/]/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML has no place for
  for (const [, xml] of parts) expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
});
