import { readFileSync } from "node:fs";
import { read } from "xlsx";

/** Every cell of each sheet of a file, as SheetJS has it when it is asked for dates. */
const { Sheets, SheetNames } = read(readFileSync(process.argv[2] ?? ""), { cellDates: true });
const sheets = SheetNames.map((name) => {
  const cells = Object.entries(Sheets[name] ?? {}).flatMap(([at, cell]) =>
    at.startsWith("!") ? [] : [[at, told(cell)]],
  );
  return [name, Object.fromEntries(cells)];
});
process.stdout.write(JSON.stringify(Object.fromEntries(sheets)));

/** Its dates are clock times, told as if they were UTC's. */
function told({ t, v }: { t: string; v?: unknown }) {
  if (t !== "d") return v ?? null;
  return { date: v instanceof Date ? v.toISOString() : String(v) };
}
