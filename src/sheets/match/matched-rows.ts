import type { FoundCell, FoundTab } from "../google/spreadsheet.ts";
import type { CellValue } from "../layout/cell.ts";
import type { Tab } from "../layout/layout.ts";
import { movedRows } from "./moved-clock.ts";
import { isFilled, isMostlyFilled, type Place, type Placed, textOf } from "./place.ts";

export interface MatchedRows {
  /** For each of our rows where it stands, if it does. */
  at: readonly (number | undefined)[];
  /** The first row below all that is there, ours or not. */
  end: number;
  /** Rows whose ids are of Vivenu's form, and days are days, and are none of ours any more. */
  vanished: readonly number[];
}

const VIVENU_ID = /^[0-9a-f]{24}$/;

/**
 * A row is known by its keys wherever it stands. The first row of a key is ours: a copy that somebody
 * made further down is theirs. Where a key was overwritten or lost, the names tell which row it was.
 */
export function matchedRows(
  { rows: values }: Pick<Tab, "rows">,
  { rows }: FoundTab,
  { headerRow, columns }: Place,
): MatchedRows {
  const at: (number | undefined)[] = values.map(() => undefined);
  const telling = [...columns.keys()].filter((column) => columns[column]?.role !== "fact");
  const keys = telling.filter((column) => columns[column]?.role === "key");
  const lost = keys.filter((column) => columns[column]?.isMissing);
  const areNamesThere = columns.every(({ role, isMissing }) => role !== "name" || !isMissing);
  const signs = (by: readonly number[]) => ({
    ofValues: (index: number) => signOf(columns, by, (column) => values[index]?.[column]),
    ofCells: (row: number) =>
      signOf(columns, by, (column) => cellIn(rows, row, columns[column])?.value),
  });
  let left = [...rows.keys()].filter(
    (row) => row > headerRow && columns.some((column) => isFilled(cellIn(rows, row, column))),
  );
  if (lost.length === 0) left = takeMoved(takeByKeys(left, at, signs(keys)));
  const vanished = left.filter((row) => lost.length === 0 && keys.every((key) => isId(row, key)));
  const filled = left.filter((row) => isMostlyFilled(columns, rows[row] ?? []));
  const others = telling.filter((column) => !lost.includes(column));
  if (areNamesThere && lost.length > 0) takeByKeys(filled, at, signs(others));
  else if (lost.length > 0) takeOnlyOnes(others);
  else if (areNamesThere) for (const key of keys) takeOverwritten(key);
  const taken = new Set(at);
  return {
    at,
    end:
      Math.max(
        headerRow,
        rows.findLastIndex((row) => row.some(isFilled)),
      ) + 1,
    vanished: vanished.filter((row) => !taken.has(row)),
  };

  function takeMoved(found: readonly number[]): number[] {
    const clock = keys.find((key) => columns[key]?.kind === "dateTime");
    if (clock === undefined) return [...found];
    const sign = signs(keys.filter((key) => key !== clock));
    const open = [...values.keys()].filter((index) => at[index] === undefined);
    const moved = movedRows(
      open.map((row) => ({ row, sign: sign.ofValues(row), time: values[row]?.[clock] })),
      found.map((row) => {
        const time = cellIn(rows, row, columns[clock])?.value;
        return { row, sign: sign.ofCells(row), time };
      }),
    );
    for (const [index, row] of moved) at[index] = row;
    const taken = new Set(moved.map(([, row]) => row));
    return found.filter((row) => !taken.has(row));
  }

  function isId(row: number, key: number) {
    const value = cellIn(rows, row, columns[key])?.value;
    if (columns[key]?.kind === "date") return typeof value === "number";
    return typeof value === "string" && VIVENU_ID.test(value);
  }

  /** Without all names only another id tells, with what is left of the names, and only of one row and one of ours. */
  function takeOnlyOnes(by: readonly number[]) {
    const isIdThere = by.some(
      (column) => keys.includes(column) && columns[column]?.kind === "text",
    );
    if (!isIdThere) return;
    const sign = signs(by);
    const ours = Map.groupBy([...values.keys()], sign.ofValues);
    const found = Map.groupBy(filled, sign.ofCells);
    for (const [one, [index, another]] of ours) {
      const [row, copy] = (one !== undefined && found.get(one)) || [];
      if (index !== undefined && another === undefined && copy === undefined) at[index] = row;
    }
  }

  /** Only what is on one row and in one of ours tells, and only where the key is not just another one. */
  function takeOverwritten(key: number) {
    if (!at.includes(undefined)) return;
    const sign = signs(telling.filter((column) => column !== key));
    const isTaken = new Set(at);
    const open = Map.groupBy(
      [...values.keys()].filter((index) => at[index] === undefined),
      sign.ofValues,
    );
    const found = Map.groupBy(
      filled.filter((row) => !isTaken.has(row)),
      sign.ofCells,
    );
    for (const [name, [index, another]] of open) {
      const [row, copy] = (name !== undefined && found.get(name)) || [];
      if (index === undefined || row === undefined) continue;
      if (another !== undefined || copy !== undefined) continue;
      const cell = cellIn(rows, row, columns[key]);
      if (!isOfOneForm(values[index]?.[key], cell?.value)) at[index] = row;
    }
  }
}

interface Signs {
  ofValues: (index: number) => string | undefined;
  ofCells: (row: number) => string | undefined;
}

/** Finds for each of our rows the first that has its sign; gives the rows whose sign is none of ours. */
function takeByKeys(rows: readonly number[], at: (number | undefined)[], sign: Signs): number[] {
  const signs = at.map((_, index) => sign.ofValues(index));
  const wanted = new Set(signs);
  const found = Map.groupBy(rows, sign.ofCells);
  signs.forEach((one, index) => {
    if (one !== undefined) at[index] = found.get(one)?.shift();
  });
  return [...found].flatMap(([one, some]) => (one !== undefined && wanted.has(one) ? [] : some));
}

const cellIn = (
  rows: FoundTab["rows"],
  row: number,
  column: Placed | undefined,
): FoundCell | undefined => (column ? rows[row]?.[column.at] : undefined);

type Value = FoundCell["value"] | CellValue | undefined;

function signOf(
  columns: readonly Placed[],
  by: readonly number[],
  read: (column: number) => Value,
): string | undefined {
  const texts = by.map((column) => {
    const placed = columns[column];
    return placed && !placed.isMissing ? keyText(placed, read(column)) : "";
  });
  return texts.some((text) => text !== "") ? JSON.stringify(texts) : undefined;
}

/** Another id or another day is no id or day that somebody overwrote: its row has only grown old. */
const isOfOneForm = (one: Value, other: Value) =>
  typeof one === "number"
    ? typeof other === "number"
    : VIVENU_ID.test(textOf(one)) && VIVENU_ID.test(textOf(other));

const DAY_S = 86_400;

/** A time is the same one whatever its last binary digit says. */
const keyText = ({ kind }: Placed, value: Value) =>
  typeof value === "number" && (kind === "date" || kind === "dateTime")
    ? String(Math.round(value * DAY_S))
    : textOf(value);
