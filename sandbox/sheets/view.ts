import type { Cell, ExtendedValue, Sheet } from "./document.ts";
import { typedNumber } from "./typed-number.ts";

type View = Sheet["filterViews"][number];
type Spec = NonNullable<View["filterSpecs"]>[number];

const heldIn = (cell: Cell | null | undefined) =>
  Object.values<ExtendedValue[keyof ExtendedValue]>(cell?.userEnteredValue ?? {})[0];

/** Rows below the view's header that it shows, in its order. What it hides is so for who looks through it alone. */
export function rowsThrough(
  sheet: Sheet,
  { range, filterSpecs = [], sortSpecs = [] }: View,
  locale: string,
) {
  const start = (range.startRowIndex ?? 0) + 1;
  const end = Math.min(range.endRowIndex ?? sheet.rows.length, sheet.rows.length);
  const valueAt = (row: number, column: number) => heldIn(sheet.rows[row]?.[column]);
  const isShownBy = (spec: Spec, row: number) =>
    isShown(spec, valueAt(row, spec.columnIndex), locale);
  const all = Array.from({ length: Math.max(0, end - start) }, (_, at) => start + at);
  return all
    .filter((row) => filterSpecs.every((spec) => isShownBy(spec, row)))
    .sort((a, b) => {
      for (const { dimensionIndex, sortOrder } of sortSpecs) {
        const order = compared(valueAt(a, dimensionIndex), valueAt(b, dimensionIndex));
        if (order !== 0) return sortOrder === "ASCENDING" ? order : -order;
      }
      return a - b;
    });
}

function isShown(
  { filterCriteria: { hiddenValues, condition } }: Spec,
  value: unknown,
  locale: string,
) {
  if (hiddenValues?.includes(String(value ?? ""))) return false;
  if (!condition) return true;
  const wanted = condition.values[0]?.userEnteredValue ?? "";
  if (condition.type === "TEXT_EQ")
    return String(value ?? "").toLowerCase() === wanted.toLowerCase();
  if (typeof value !== "number") return false;
  const least = typedNumber(wanted, locale) ?? Number.NaN;
  return condition.type === "NUMBER_GREATER" ? value > least : value >= least;
}

/** Numbers before texts. */
function compared(one: unknown, other: unknown): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  if (typeof one === "number" || typeof other === "number") return typeof one === "number" ? -1 : 1;
  return String(one ?? "").localeCompare(String(other ?? ""));
}
