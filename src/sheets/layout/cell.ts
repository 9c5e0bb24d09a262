import type { sheets_v4 } from "@googleapis/sheets";
import { printable } from "../../lib/printable.ts";
import { exponentOf } from "../../rules/money.ts";
import type { FoundCell } from "../google/spreadsheet.ts";

export type CellKind =
  | "text"
  | "count"
  | "points"
  | "money"
  | "percent"
  | "date"
  | "dateTime"
  | "chart";

/** A small chart of whole numbers in one cell. */
export interface Chart {
  points: readonly number[];
}

/** What a cell should hold; `null` is an empty cell. */
export type CellValue = string | number | Chart | null;

export interface Format {
  type: string;
  pattern: string;
}

interface Kind {
  /** What a cell of this kind is formatted with when its row is new. */
  format: Format | null;
  /** Formats that a person may have chosen instead without making it another kind of value. */
  fits: (type: string | null) => boolean;
  /** How far two numbers may differ and still be the same one. */
  tolerance: number;
}

const MONEY: Format = { type: "NUMBER", pattern: "#,##0.00" };

const HALF_A_SECOND = 0.5 / 86_400;

const oneOf = (types: string[]) => (type: string | null) => type !== null && types.includes(type);

const KINDS: Record<CellKind, Kind> = {
  text: { format: null, fits: () => true, tolerance: 0 },
  count: {
    format: { type: "NUMBER", pattern: "#,##0" },
    fits: (type) => type === null || oneOf(["NUMBER", "CURRENCY", "SCIENTIFIC"])(type),
    tolerance: 0,
  },
  points: {
    format: { type: "NUMBER", pattern: "+0.0;-0.0;0.0" },
    fits: oneOf(["NUMBER"]),
    tolerance: 1e-6,
  },
  money: {
    format: MONEY,
    fits: oneOf(["NUMBER", "CURRENCY"]),
    tolerance: 1e-6,
  },
  percent: {
    format: { type: "PERCENT", pattern: "0.00%" },
    fits: oneOf(["PERCENT"]),
    tolerance: 1e-9,
  },
  date: {
    format: { type: "DATE", pattern: "yyyy-mm-dd" },
    fits: oneOf(["DATE", "DATE_TIME"]),
    tolerance: HALF_A_SECOND,
  },
  dateTime: {
    format: { type: "DATE_TIME", pattern: "yyyy-mm-dd hh:mm" },
    fits: oneOf(["DATE", "DATE_TIME", "TIME"]),
    tolerance: HALF_A_SECOND,
  },
  chart: { format: null, fits: () => true, tolerance: 0 },
};

export const formatOf = (kind: CellKind) => KINDS[kind].format;

/** Money with the decimals that its currency has: yen have none, dinars three. */
export function moneyFormat(currency: string | null): Format {
  const decimals = exponentOf(currency ?? "");
  const pattern = decimals === 0 ? "#,##0" : `#,##0.${"0".repeat(decimals)}`;
  return { ...MONEY, pattern };
}

/**
 * Whether a value of this kind would be shown as what it is: a date as a date and not as 46113.5, dinars not
 * rounded to the hundredths that a new column of money has. Any other pattern is a person's choice.
 */
export const fits = (kind: CellKind, format: Format, found: FoundCell | undefined) =>
  KINDS[kind].fits(found?.formatType ?? null) &&
  !(kind === "money" && found?.pattern === MONEY.pattern && format.pattern !== MONEY.pattern);

export function isSame(kind: CellKind, wanted: CellValue, found: FoundCell | undefined): boolean {
  if (isChart(wanted)) return found?.isFormula === true && isChartOf(wanted, found.value);
  if (found?.isFormula) return false;
  const value = found?.value === "" ? null : (found?.value ?? null);
  if (typeof wanted !== "number" || typeof value !== "number") return wanted === value;
  return Math.abs(wanted - value) <= KINDS[kind].tolerance;
}

/** What neither a cell nor a file has a place for; it would be read differently from how it was written. */
const OTHER_LINE_BREAKS = /\r\n?/g;
const LONGEST_TEXT = 50_000;

/** Google refuses longer texts and has one kind of line break; an empty text is an empty cell. */
export const cellText = (text: string | null): CellValue =>
  text === null ? null : printable(text.replace(OTHER_LINE_BREAKS, "\n"), LONGEST_TEXT) || null;

const isChart = (value: CellValue): value is Chart => typeof value === "object" && value !== null;

/**
 * The one formula that is ever written. It is made of whole numbers alone, so that no text can get into
 * one, and without commas, which a spreadsheet of another country reads as something else.
 */
const chartFormula = ({ points }: Chart) => `=SPARKLINE({${points.map(Math.round).join(";")}})`;

/** Google may give a formula back with other spaces and letters. */
const isChartOf = (chart: Chart, found: FoundCell["value"]) =>
  String(found).replace(/\s/g, "").toUpperCase() === chartFormula(chart);

/** A text stays a text whatever it begins with: only `formulaValue` is ever read as a formula. */
export function valueData(value: CellValue): sheets_v4.Schema$CellData {
  if (value === null) return {};
  if (isChart(value)) return { userEnteredValue: { formulaValue: chartFormula(value) } };
  return {
    userEnteredValue: typeof value === "number" ? { numberValue: value } : { stringValue: value },
  };
}
