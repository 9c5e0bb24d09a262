import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../lib/failure.ts";
import { csvFiles, type File, workbook } from "../sheets/layout/files.ts";
import { filterRows, type RowFilter } from "../sheets/layout/filter.ts";
import { defaultSheetSettings } from "../sheets/settings.ts";
import { type SheetOptions, sheetReader } from "./build/sheet-reader.ts";
import { WrongUsage } from "./run/outcome.ts";

export interface ExportOptions extends SheetOptions {
  format: "xlsx" | "csv";
  /** Made if it is not there; files in it of the same names are replaced, each as a whole. */
  folder: string;
  /** Takes the workbook where the folder is `-`: of a machine that nobody may write to. */
  toOutput?: (body: Uint8Array) => Promise<void>;
  filter?: RowFilter;
}

/** Writes the sheet's tabs as files, without Google. Gives their paths; none where the workbook was put out. */
export async function exportFiles(options: ExportOptions): Promise<string[]> {
  const { clock, format, folder, filter = {}, settings = defaultSheetSettings } = options;
  const toOutput = folder === "-" ? options.toOutput : undefined;
  if (toOutput && format !== "xlsx")
    throw new WrongUsage(
      "of files that are several none goes to standard output: say --format xlsx",
    );
  const rows = filterRows(await sheetReader(options)(), filter);
  const given = { rows, settings: settings.layout, now: clock.now() };
  const files = format === "xlsx" ? [await workbook(given)] : csvFiles(given);
  const [first] = files;
  if (toOutput && first) {
    await toOutput(first.body);
    return [];
  }
  try {
    return await writeAll(folder, files);
  } catch (error) {
    throw new WrongUsage(`${messageOf(error)}; say another --folder`);
  }
}

async function writeAll(folder: string, files: File[]) {
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const { name, body } of files) {
    const path = join(folder, name);
    await replace(path, body);
    paths.push(path);
  }
  return paths;
}

/** Whoever reads the file meanwhile has the old one or the new one, whole; a write that fails leaves the old. */
async function replace(path: string, body: Uint8Array) {
  const half = `${path}.${process.pid}.part`;
  try {
    await writeFile(half, body);
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
}
