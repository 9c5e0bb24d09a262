import type { sheets_v4 } from "@googleapis/sheets";
import type { gaxios } from "google-auth-library";
import { rowsApart } from "./rows-apart.ts";
import type { FoundCell } from "./spreadsheet.ts";

export type Grid = FoundCell[][];

/**
 * For one request whose answer has cells: with these `options` Google's client gives the answer without
 * its rows, and `read` what they were, list by list. What is no JSON is an empty answer.
 */
export function cellsAsTheyCome() {
  let grids: Grid[] = [];
  const options: Pick<gaxios.GaxiosOptions, "adapter"> = {
    async adapter(asked, send) {
      const response = await send({ ...asked, responseType: "stream" });
      // The cast: asked for as a stream it is one.
      const parts = response.data as AsyncIterable<Uint8Array>;
      const answered = await apart(parts);
      grids = answered.grids;
      return Object.assign(response, { data: answered.data });
    },
  };
  return { options, read: () => grids };
}

async function apart(parts: AsyncIterable<Uint8Array>) {
  const grids: Grid[] = [];
  const shared = sharing();
  const { write, end } = rowsApart((list, row) => {
    // The cast: rows of Google's are nothing else.
    const { values = [] } = row as sheets_v4.Schema$RowData;
    grids[list] ??= [];
    grids[list].push(values.map((cell) => shared(foundCell(cell))));
  });
  try {
    for await (const part of parts) write(part);
    return { data: end(), grids };
  } catch (error) {
    if (error instanceof SyntaxError) return { data: "", grids: [] };
    throw error;
  }
}

/** Of the cells of a season nearly each says what another one says too: those are one object. */
function sharing() {
  const byFormat = new Map<string, Map<FoundCell["value"], FoundCell>>();
  return (cell: FoundCell) => {
    const { value, isFormula, formatType, pattern = "", letters, note, isPivot } = cell;
    if (letters || note || isPivot) return cell;
    const format = `${isFormula} ${formatType} ${pattern}`;
    const byValue = byFormat.get(format) ?? new Map<FoundCell["value"], FoundCell>();
    byFormat.set(format, byValue);
    const known = byValue.get(value);
    if (!known) byValue.set(value, cell);
    return known ?? cell;
  };
}

function foundCell({
  userEnteredValue,
  userEnteredFormat,
  note,
  pivotTable,
}: sheets_v4.Schema$CellData): FoundCell {
  const { stringValue, numberValue, boolValue, formulaValue } = userEnteredValue ?? {};
  const { numberFormat, textFormat } = userEnteredFormat ?? {};
  return {
    value: stringValue ?? numberValue ?? boolValue ?? formulaValue ?? null,
    isFormula: typeof formulaValue === "string",
    formatType: numberFormat?.type ?? null,
    ...(numberFormat?.pattern && { pattern: numberFormat.pattern }),
    ...(textFormat && { letters: textFormat }),
    ...(note && { note }),
    ...(pivotTable && { isPivot: true }),
  };
}
