import { isDate, type ReadCell, type ReadSheets, recordsOf } from "./cells.ts";

export type CsvReader = (file: string) => Promise<ReadSheets>;

/** What is seldom in a season, in CSV as the service writes it. */
export const specimens = [
  "id of digits,id with an e,formula,yes or no,day,fraction",
  "681234567890123456789012,6812345678901234567890e1,'=1+1,true,2026-03-01,24.99",
].join("\r\n");

/** What is asked of which file: a heading, the column, and how such a cell stands in the file. */
const QUESTIONS = [
  { file: "human", what: "a whole number", column: "Total Sold" },
  { file: "human", what: "a percentage", column: "Percent Sold" },
  { file: "human", what: "a time of an event or of the service", column: "Event Date" },
  { file: "human", what: "a name", column: "Event Name" },
  { file: "machine", what: "a whole number", column: "totalSold" },
  { file: "machine", what: "a percentage", column: "percentSold" },
  { file: "machine", what: "an instant", column: "eventDate" },
  { file: "specimens", what: "a price", column: "fraction" },
  { file: "specimens", what: "a day", column: "day" },
  { file: "specimens", what: "a yes or no", column: "yes or no" },
  { file: "specimens", what: "a text like a formula", column: "formula" },
  { file: "specimens", what: "an id of digits alone", column: "id of digits" },
  { file: "specimens", what: "an id of digits and one `e`", column: "id with an e" },
] as const;

type Files = Record<(typeof QUESTIONS)[number]["file"], string>;

const FORMS = { human: "for people", machine: "for machines", specimens: "either" };

/** The document, from what was really read. */
export async function csvTable(
  files: Files,
  readers: Record<string, CsvReader>,
  versions: string,
): Promise<string> {
  const names = Object.keys(readers);
  const read = new Map<string, Record<string, ReadCell>>();
  for (const [name, reader] of Object.entries(readers))
    for (const [form, file] of Object.entries(files)) {
      const [sheet = {}] = Object.values(await reader(file));
      read.set(`${name} ${form}`, recordsOf(sheet)[0] ?? {});
    }
  const rows = [];
  for (const { file, what, column } of QUESTIONS) {
    const written = await writtenIn(files[file], column);
    const cells = names.map((name) => described(read.get(`${name} ${file}`)?.[column] ?? null));
    rows.push([what, FORMS[file], `\`${written}\``, ...cells]);
  }
  const table = [
    ["", "form", "in the file", ...names],
    names.concat("", "", "").map(() => "---"),
    ...rows,
  ]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");
  return `${BEFORE}\nThese are ${versions}.\n\n${table}\n${AFTER}`;
}

async function writtenIn(file: string, column: string) {
  const [header = "", ...lines] = (await Bun.file(file).text())
    .replace(/^\ufeff/, "")
    .split(/\r?\n/);
  const at = header.split(",").indexOf(column);
  return lines[0]?.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)[at] ?? "";
}

function described(cell: ReadCell): string {
  if (cell === null) return "nothing";
  if (isDate(cell)) return `date ${cell.date.slice(0, 16).replace("T", " ")}`;
  if (typeof cell === "string") return "text";
  return `${typeof cell} ${typeof cell === "number" ? Number(cell.toPrecision(15)) : cell}`;
}

const BEFORE = `# What readers make of the files

Written by \`npm run check:readers\` from what was read; nobody edits it. The same command reads the workbook with LibreOffice, openpyxl, SheetJS and exceljs, and fails unless each has the API's numbers and instants cell by cell: numbers are numbers there, percentages shares of 1, times dates.

CSV has no kinds, and so each reader guesses. The tabs' files (\`events.csv\`, ...) are for people, the lists' (\`format=csv\`) for machines; [What the numbers are](../numbers.md#the-sheet-and-the-files) says more.
`;

const AFTER = `
- Whoever works with numbers and times takes the workbook, or CSV for machines.
- LibreOffice finds out percentages and times only with *Detect special numbers* in the dialogue with which it opens CSV.
- An id of digits alone, or with one \`e\` among them, is read as a number by whoever is not told that the column is a text, and is then another one: of some ten thousand ids one is like that. The workbook has texts.
- A time in a file is what a clock shows. SheetJS (\`cellDates\`) gives it as a \`Date\` of the clock of the machine that reads, exceljs as one of UTC; the hours and minutes are the file's in both.
`;
