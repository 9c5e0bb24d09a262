import { z } from "zod";
import type { Bounds } from "../a1.ts";
import { rangeText, wholeOf } from "../a1.ts";
import type { Draft, GridRange, Sheet } from "../document.ts";
import { type Mask, parseMask } from "../mask.ts";
import { invalid, Refusal } from "../refusal.ts";

/** One kind of request: it changes the draft and may have something to answer. */
export interface Kind {
  run(draft: Draft, body: unknown, path: string): object | undefined;
}

export const kind = <Schema extends z.ZodType>(
  schema: Schema,
  apply: (draft: Draft, body: z.infer<Schema>) => object | undefined,
): Kind => ({
  run(draft, body, path) {
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw payloadRefusal(parsed.error, path);
    return apply(draft, parsed.data);
  },
});

/** How Google refuses JSON that is not of the message's form. Probe: google/unknown-field. */
export function payloadRefusal(error: z.ZodError, path: string) {
  const violations = error.issues.slice(0, 5).map((issue) => {
    const at = issue.path.reduce<string>(
      (sum, step) => (typeof step === "number" ? `${sum}[${step}]` : `${sum}.${String(step)}`),
      path,
    );
    return issue.code === "unrecognized_keys"
      ? { field: at, description: `Unknown name "${issue.keys[0]}" at '${at}': Cannot find field.` }
      : { field: at, description: `Invalid value at '${at}': ${issue.message}` };
  });
  const text = violations.map(({ description }) => description).join("\n");
  return new Refusal(400, `Invalid JSON payload received. ${text}`, [
    { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: violations },
  ]);
}

const Index = z.int().nonnegative();

export const GridCoordinate = z.strictObject({
  sheetId: Index.default(0),
  rowIndex: Index.default(0),
  columnIndex: Index.default(0),
});

export const Dimension = z.enum(["ROWS", "COLUMNS"]);

export const DimensionRange = z.strictObject({
  sheetId: Index.default(0),
  dimension: Dimension,
  startIndex: Index.optional(),
  endIndex: Index.optional(),
});

// Probe: google/unknown-tab.
export function sheetOf(draft: Draft, sheetId: number): Sheet {
  const sheet = draft.sheets.find(({ properties }) => properties.sheetId === sheetId);
  if (!sheet) throw invalid(`No grid with id: ${sheetId}`);
  return sheet;
}

/** A missing end is the end of the grid. Probe: google/range-beyond-the-grid. */
export function boundsOf(sheet: Sheet, range: GridRange): Bounds {
  const whole = wholeOf(sheet);
  const bounds = {
    startRow: range.startRowIndex ?? 0,
    endRow: range.endRowIndex ?? whole.endRow,
    startColumn: range.startColumnIndex ?? 0,
    endColumn: range.endColumnIndex ?? whole.endColumn,
  };
  if (bounds.endRow > whole.endRow || bounds.endColumn > whole.endColumn) {
    throw invalid(
      `Range (${rangeText(sheet, bounds)}) exceeds grid limits. Max rows: ${whole.endRow}, max columns: ${whole.endColumn}`,
    );
  }
  return bounds;
}

const END = Number.POSITIVE_INFINITY;

/** Whether two ranges of one tab have a cell in common. */
export const meet = (one: GridRange, other: GridRange) =>
  (one.startRowIndex ?? 0) < (other.endRowIndex ?? END) &&
  (other.startRowIndex ?? 0) < (one.endRowIndex ?? END) &&
  (one.startColumnIndex ?? 0) < (other.endColumnIndex ?? END) &&
  (other.startColumnIndex ?? 0) < (one.endColumnIndex ?? END);

/** A mask that says what to write; only fields of `known` can be written. Probe: google/write-needs-mask. */
export function writeMask(fields: string | undefined, known: readonly string[]): Mask {
  if (!fields) {
    throw invalid(
      "At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)",
    );
  }
  const mask = parseMask(fields);
  const unknown =
    mask === "*" ? undefined : Object.keys(mask).find((name) => !known.includes(name));
  if (unknown) throw invalid(`Invalid field: ${unknown}`);
  return mask;
}
