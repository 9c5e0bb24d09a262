import { mkdtemp, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ReadCell, ReadSheets } from "./cells.ts";
import { addressOf } from "./cells.ts";

/**
 * A file as LibreOffice opens it, by the flat document that it saves of it: each cell there says of what kind
 * it is. `filter` is for CSV, as LibreOffice writes filters (`44,34,76,1`).
 */
export async function readByLibreOffice(file: string, folder: string, filter?: string) {
  const out = await mkdtemp(join(folder, "libreoffice-"));
  try {
    const words = [
      ...[`-env:UserInstallation=file://${folder}/profile`, "--headless"],
      ...(filter === undefined ? [] : [`--infilter=Text - txt - csv (StarCalc):${filter}`]),
      ...["--convert-to", "fods", "--outdir", out, file],
    ];
    const child = Bun.spawn(["soffice", ...words], { stdout: "ignore", stderr: "pipe" });
    const [said, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
    const name = basename(file).replace(/\.[a-z]+$/, ".fods");
    if (code !== 0) throw new Error(`soffice ended with ${code}: ${said.slice(-500)}`);
    return sheetsIn(await readFile(join(out, name), "utf8"));
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

function sheetsIn(xml: string): ReadSheets {
  const tables = [...xml.matchAll(/<table:table table:name="([^"]*)".*?<\/table:table>/gs)];
  return Object.fromEntries(tables.map(([table, name = ""]) => [decoded(name), cellsIn(table)]));
}

const ROW = /<table:table-row([^>]*?)(?:\/>|>(.*?)<\/table:table-row>)/gs;
const CELL =
  /<table:(?:covered-)?table-cell([^>]*?)(?:\/>|>(.*?)<\/table:(?:covered-)?table-cell>)/gs;

function cellsIn(table: string) {
  const cells: Record<string, ReadCell> = {};
  let row = 0;
  for (const [, attributes = "", inner = ""] of table.matchAll(ROW)) {
    let column = 0;
    for (const [, cell = "", content = ""] of inner.matchAll(CELL)) {
      const repeated = Number(/number-columns-repeated="(\d+)"/.exec(cell)?.[1] ?? 1);
      const value = cellOf(cell, content);
      if (value !== null)
        for (let n = 0; n < repeated; n += 1) cells[addressOf(row, column + n)] = value;
      column += repeated;
    }
    row += Number(/number-rows-repeated="(\d+)"/.exec(attributes)?.[1] ?? 1);
  }
  return cells;
}

function cellOf(attributes: string, content: string): ReadCell {
  const said = (name: string) => new RegExp(`office:${name}="([^"]*)"`).exec(attributes)?.[1];
  switch (said("value-type")) {
    case undefined:
      return null;
    case "float":
    case "percentage":
    case "currency":
      return Number(said("value"));
    case "boolean":
      return said("boolean-value") === "true";
    case "date":
      return { date: said("date-value") ?? "" };
    default:
      return textOf(content);
  }
}

const textOf = (content: string) =>
  [...content.matchAll(/<text:p[^>]*?(?:\/>|>(.*?)<\/text:p>)/gs)]
    .map(([, line = ""]) =>
      decoded(
        line
          .replace(/<text:s(?: text:c="(\d+)")?\/>/g, (_, count) => " ".repeat(Number(count ?? 1)))
          .replaceAll("<text:line-break/>", "\n")
          .replaceAll("<text:tab/>", "\t")
          .replace(/<[^>]*>/g, ""),
      ),
    )
    .join("\n");

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const decoded = (text: string) =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
  });
