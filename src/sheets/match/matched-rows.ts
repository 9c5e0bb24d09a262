import type { FoundCell, FoundTab } from "../google/spreadsheet.ts";
import type { CellValue } from "../layout/cell.ts";
import type { Tab } from "../layout/layout.ts";
import { movedRows } from "./moved-clock.ts";
import { heightOf, isFilled, isMostlyFilled, type Place, type Placed, textOf } from "./place.ts";
import { throughMerges } from "./through-merges.ts";

export interface MatchedRows {
  /** For each of our rows where it stands, if it does. */
  at: readonly (number | undefined)[];
  /** The first row below all that is there, ours or not. */
  end: number;
  /** Rows whose ids are of Vivenu's form, and days are days, and are none of ours any more. */
  vanished: readonly number[];
}

const VIVENU_ID = /^[0-9a-f]{24}$/;

/** Our rows, the sheet's, and which of ours is found where; columns are named by their place among ours. */
interface Matching {
  values: Tab["rows"];
  rows: FoundTab["rows"];
  columns: readonly Placed[];
  at: (number | undefined)[];
  keys: readonly number[];
  /** Keys and names: what tells one row from another. */
  telling: readonly number[];
}

/**
 * A row is known by its keys wherever it stands. The first row of a key is ours: a copy that somebody
 * made further down is theirs. Where a key was overwritten or lost, the names tell which row it was. Each
 * step takes only rows that the steps before it left; the room's README says what each serves.
 */
export function matchedRows(
  { rows: values }: Pick<Tab, "rows">,
  found: FoundTab,
  place: Place,
): MatchedRows {
  const { rows } = found;
  const { headerRow, columns, isFar } = place;
  const telling = [...columns.keys()].filter((column) => columns[column]?.role !== "fact");
  const keys = telling.filter((column) => columns[column]?.role === "key");
  const at: (number | undefined)[] = values.map(() => undefined);
  const matching: Matching = { values, rows, columns, at, keys, telling };
  const lost = keys.filter((column) => columns[column]?.isMissing);
  const areNamesThere = columns.every(({ role, isMissing }) => role !== "name" || !isMissing);
  const isBody = (row: number) => (isFar ? row !== headerRow : row > headerRow);
  let left: readonly number[] = [...rows.keys()].filter(
    (row) => isBody(row) && columns.some((column) => isFilled(cellIn(rows, row, column))),
  );
  if (lost.length === 0) {
    left = matchBySigns(matching, left, keys);
    left = matchByKeysButTime(matching, left);
  }
  const vanished = lost.length > 0 ? [] : left.filter((row) => areAllIds(matching, row));
  const filled = left.filter(isFilledAsOurs(matching));
  const others = telling.filter((column) => !lost.includes(column));
  if (lost.length > 0 && areNamesThere) matchBySigns(matching, filled, others);
  else if (lost.length > 0) matchByAnotherId(matching, filled, others);
  else {
    matchKeysThroughMerges(matching, found, left);
    if (areNamesThere) {
      for (const key of keys) matchDespiteKey(matching, filled, key);
      matchNamesThroughMerges(matching, found, filled);
    }
  }
  const taken = new Set(at);
  return { at, end: endOf(found, place), vanished: vanished.filter((row) => !taken.has(row)) };
}

/** Whoever groups rows merges an id that they have in common, and Google keeps it in the first of them alone. */
function matchKeysThroughMerges(matching: Matching, found: FoundTab, left: readonly number[]) {
  if (!found.merged?.length || !matching.at.includes(undefined)) return;
  const { columns, keys } = matching;
  matchBySigns({ ...matching, rows: throughMerges(found, columns) }, left, keys);
}

/** The same of names, beside a key that was overwritten or merged. */
function matchNamesThroughMerges(matching: Matching, found: FoundTab, filled: readonly number[]) {
  const { columns, keys } = matching;
  if (!found.merged?.length) return;
  const names = columns.filter(({ role }) => role === "name");
  const named = { ...matching, rows: throughMerges(found, names) };
  for (const key of keys) matchDespiteKey(named, filled, key);
}

/** Where a formula fills cells of our columns below all that is there, no row may come in between. */
function endOf({ rows, filled = [] }: FoundTab, { headerRow, columns }: Place) {
  const ours = new Set(columns.map(({ at }) => at));
  const below = filled.filter(({ column }) => ours.has(column)).map(({ row }) => row + 1);
  return Math.max(headerRow + 1, heightOf(rows), ...below);
}

/** So many facts of a row of ours at least tell it from a person's own of its names. */
const TELLING_FACTS = 3;

/**
 * Whether a row of the sheet holds as much as ours do. What was never counted has half of its columns empty by
 * right: it is held against what all of ours say, or against the facts of the one that has its names.
 */
function isFilledAsOurs(matching: Matching): (row: number) => boolean {
  const { values, rows, columns, telling } = matching;
  const said = columns.filter((_, column) => values.some((row) => isSaid(row[column])));
  const names = telling.filter((column) => columns[column]?.role === "name");
  const { ofValues, ofCells } = signsBy(matching, names);
  const ofName = Map.groupBy(notFound(matching), ofValues);
  const factsOf = (index: number) =>
    columns.filter(({ role }, column) => role === "fact" && isSaid(values[index]?.[column]));
  return (row) => {
    const cells = rows[row] ?? [];
    const sign = ofCells(row);
    const alike = sign === undefined ? [] : (ofName.get(sign) ?? []);
    return (
      isMostlyFilled(said, cells) ||
      alike.some((index) => {
        const facts = factsOf(index);
        return facts.length >= TELLING_FACTS && isMostlyFilled(facts, cells);
      })
    );
  };
}

/** Finds for each of our rows that is not found yet the first that has its sign; gives the rows whose sign is none of ours. */
function matchBySigns(
  matching: Matching,
  found: readonly number[],
  by: readonly number[],
): readonly number[] {
  const { at } = matching;
  const { ofValues, ofCells } = signsBy(matching, by);
  const signs = new Map(notFound(matching).map((index) => [index, ofValues(index)]));
  const wanted = new Set(signs.values());
  const rowsOf = Map.groupBy(found, ofCells);
  for (const [index, sign] of signs) if (sign !== undefined) at[index] = rowsOf.get(sign)?.shift();
  return [...rowsOf].flatMap(([sign, some]) =>
    sign !== undefined && wanted.has(sign) ? [] : some,
  );
}

/** Rows whose keys are the same but for a time that another clock shows; gives those that are left. */
function matchByKeysButTime(matching: Matching, found: readonly number[]): readonly number[] {
  const { values, rows, columns, at, keys } = matching;
  const clock = keys.find((key) => columns[key]?.kind === "dateTime");
  if (clock === undefined) return found;
  const otherKeys = keys.filter((key) => key !== clock);
  const { ofValues, ofCells } = signsBy(matching, otherKeys);
  const moved = movedRows(
    notFound(matching).map((row) => ({ row, sign: ofValues(row), time: values[row]?.[clock] })),
    found.map((row) => {
      const time = cellIn(rows, row, columns[clock])?.value;
      return { row, sign: ofCells(row), time };
    }),
  );
  for (const [index, row] of moved) at[index] = row;
  const taken = new Set(moved.map(([, row]) => row));
  return found.filter((row) => !taken.has(row));
}

/** Without all names only another id tells, with what is left of the names. */
function matchByAnotherId(matching: Matching, found: readonly number[], by: readonly number[]) {
  const { columns, keys, at } = matching;
  const isIdThere = by.some((column) => keys.includes(column) && columns[column]?.kind === "text");
  if (!isIdThere) return;
  for (const [index, row] of onlyOnes(matching, found, by)) at[index] = row;
}

/** By all but one key, where that was overwritten: what stands there must not be just another id or day. */
function matchDespiteKey(matching: Matching, found: readonly number[], key: number) {
  const { values, rows, columns, at, telling } = matching;
  if (!at.includes(undefined)) return;
  const taken = new Set(at);
  const free = found.filter((row) => !taken.has(row));
  const others = telling.filter((column) => column !== key);
  for (const [index, row] of onlyOnes(matching, free, others)) {
    const cell = cellIn(rows, row, columns[key]);
    if (!isOfOneForm(values[index]?.[key], cell?.value)) at[index] = row;
  }
}

/** Pairs of a row of ours and one of the sheet that no other of either side is like. */
function onlyOnes(
  matching: Matching,
  found: readonly number[],
  by: readonly number[],
): [index: number, row: number][] {
  const { ofValues, ofCells } = signsBy(matching, by);
  const rowsOf = Map.groupBy(found, ofCells);
  return [...Map.groupBy(notFound(matching), ofValues)].flatMap(([sign, [index, another]]) => {
    const [row, copy] = (sign !== undefined && rowsOf.get(sign)) || [];
    if (index === undefined || row === undefined) return [];
    return another === undefined && copy === undefined ? [[index, row]] : [];
  });
}

/** Those of our rows that are found nowhere yet. */
const notFound = ({ values, at }: Matching) =>
  [...values.keys()].filter((index) => at[index] === undefined);

/** Whether what stands in its keys has the form of Vivenu's ids, and of days. */
function areAllIds({ rows, columns, keys }: Matching, row: number) {
  return keys.every((key) => {
    const value = cellIn(rows, row, columns[key])?.value;
    if (columns[key]?.kind === "date") return typeof value === "number";
    return typeof value === "string" && VIVENU_ID.test(value);
  });
}

/** What stands in these columns, of a row of ours and of one of the sheet, as a text to compare. */
const signsBy = ({ values, rows, columns }: Matching, by: readonly number[]) => ({
  ofValues: (index: number) => signOf(columns, by, (column) => values[index]?.[column]),
  ofCells: (row: number) =>
    signOf(columns, by, (column) => cellIn(rows, row, columns[column])?.value),
});

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

const isSaid = (value: CellValue | undefined) => (value ?? "") !== "";
