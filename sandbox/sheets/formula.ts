import { columnLetters } from "./a1.ts";
import type { Cell, Sheet, Spreadsheet } from "./document.ts";

export type Result = number | string | boolean;

/** A formula as far as it is played: arithmetic, texts, cells of its own tab and a few functions. */
const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?)|"((?:[^"]|"")*)"|([A-Z]+\d+)|([A-Z_.]+)(?=\()|([-+*/&(),;:{}]))/iy;

/** Cells that refer to each other in a circle are an error, as all that is not understood. */
const DEEPEST = 20;

/** What a formula comes to, or an error as a spreadsheet shows it. */
export function evaluate(sheet: Sheet, formula: string, depth = 0): Result {
  const tokens = tokensOf(formula.replace(/^[=+]/, ""));
  if (!tokens || depth > DEEPEST) return "#ERROR!";
  let at = 0;
  const next = () => tokens[at];
  try {
    const result = sum();
    return at < tokens.length ? "#ERROR!" : result;
  } catch (error) {
    return error instanceof FormulaError ? error.shown : "#ERROR!";
  }

  function sum(): Result {
    let left = product();
    for (
      let sign = next()?.sign;
      sign === "+" || sign === "-" || sign === "&";
      sign = next()?.sign
    ) {
      at += 1;
      const right = product();
      if (sign === "&") left = `${left}${right}`;
      else
        left = sign === "+" ? numberOf(left) + numberOf(right) : numberOf(left) - numberOf(right);
    }
    return left;
  }

  function product(): Result {
    let left = atom();
    for (let sign = next()?.sign; sign === "*" || sign === "/"; sign = next()?.sign) {
      at += 1;
      const right = numberOf(atom());
      if (sign === "/" && right === 0) throw new FormulaError("#DIV/0!");
      left = sign === "*" ? numberOf(left) * right : numberOf(left) / right;
    }
    return left;
  }

  function atom(): Result {
    const token = next();
    at += 1;
    if (!token) throw new FormulaError("#ERROR!");
    if (token.number !== undefined) return token.number;
    if (token.text !== undefined) return token.text;
    if (token.cell !== undefined) return countsAs(cellNamed(sheet, token.cell), sheet, depth);
    if (token.call !== undefined) return call(token.call);
    if (token.sign === "-") return -numberOf(atom());
    if (token.sign !== "(") throw new FormulaError("#ERROR!");
    const inner = sum();
    close(")");
    return inner;
  }

  function call(name: string): Result {
    close("(");
    const given: Result[] = [];
    while (next() && next()?.sign !== ")") {
      given.push(...argument());
      if (next()?.sign === "," || next()?.sign === ";") at += 1;
    }
    close(")");
    const known = FUNCTIONS[name.toUpperCase()];
    if (!known) throw new FormulaError("#NAME?");
    return known(given);
  }

  /** `A1:B3` is each of its cells, and `{1;2}` each of its rows. */
  function argument(): Result[] {
    if (next()?.sign === "{") return array();
    const [from, colon, to] = tokens?.slice(at, at + 3) ?? [];
    if (from?.cell === undefined || colon?.sign !== ":" || to?.cell === undefined) return [sum()];
    at += 3;
    return cellsBetween(sheet, from.cell, to.cell).map((cell) => countsAs(cell, sheet, depth));
  }

  function array(): Result[] {
    const given: Result[] = [];
    do {
      at += 1;
      given.push(sum());
    } while (next()?.sign === ";");
    close("}");
    return given;
  }

  function close(sign: string) {
    if (next()?.sign !== sign) throw new FormulaError("#ERROR!");
    at += 1;
  }
}

class FormulaError extends Error {
  override readonly name = "FormulaError";
  readonly shown: string;

  constructor(shown: string) {
    super(shown);
    this.shown = shown;
  }
}

const FUNCTIONS: Record<string, (given: Result[]) => Result> = {
  SUM: (given) => given.reduce<number>((sum, one) => sum + (typeof one === "number" ? one : 0), 0),
  COUNTA: (given) => given.filter((one) => one !== "").length,
  CONCATENATE: (given) => given.join(""),
  HYPERLINK: ([url = "", label = url]) => label,
  // A small chart is drawn and has no value. Probe: google/sparkline.
  SPARKLINE: () => "",
};

const CHART = /^=SPARKLINE\(\{(-?[\d.]+(?:;-?[\d.]+)*)\}\)$/i;

/** The numbers of a small chart, where a formula is one of a column of numbers. */
export function chartOf(formula: string | undefined): number[] | undefined {
  const [, numbers] = CHART.exec(formula?.replace(/\s/g, "") ?? "") ?? [];
  return numbers?.split(";").map(Number);
}

interface Token {
  number?: number | undefined;
  text?: string | undefined;
  cell?: string | undefined;
  call?: string | undefined;
  sign?: string | undefined;
}

function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const trimmed = text.trimEnd();
  while (TOKEN.lastIndex < trimmed.length) {
    const match = TOKEN.exec(trimmed);
    if (!match) return undefined;
    const [, number, quoted, cell, call, sign] = match;
    tokens.push({
      number: number === undefined ? undefined : Number(number),
      text: quoted?.replaceAll('""', '"'),
      ...{ cell: cell?.toUpperCase(), call, sign },
    });
  }
  return tokens;
}

function numberOf(result: Result): number {
  const number = result === "" ? 0 : Number(result);
  if (Number.isNaN(number)) throw new FormulaError("#VALUE!");
  return number;
}

const placeOf = (name: string) => {
  const [, letters = "", digits = ""] = /^([A-Z]+)(\d+)$/.exec(name) ?? [];
  const column = [...letters].reduce((sum, one) => sum * 26 + one.charCodeAt(0) - 64, 0) - 1;
  return { row: Number(digits) - 1, column };
};

function cellNamed(sheet: Sheet, name: string): Cell {
  const { row, column } = placeOf(name);
  return sheet.rows[row]?.[column] ?? {};
}

function cellsBetween(sheet: Sheet, one: string, other: string): Cell[] {
  const [from, to] = [placeOf(one), placeOf(other)];
  const rows = sheet.rows.slice(from.row, to.row + 1);
  return rows.flatMap((row) =>
    Array.from(row?.slice(from.column, to.column + 1) ?? [], (cell) => cell ?? {}),
  );
}

/** What a cell counts as where another one refers to it. */
function countsAs({ userEnteredValue: value }: Cell, sheet: Sheet, depth: number): Result {
  if (value?.formulaValue !== undefined) return evaluate(sheet, value.formulaValue, depth + 1);
  return value?.numberValue ?? value?.stringValue ?? value?.boolValue ?? "";
}

/** Every cell that is worked out, for tests that must find none of ours among them. */
export const formulasOf = ({ sheets }: Spreadsheet) =>
  sheets.flatMap((sheet) =>
    sheet.rows.flatMap((row, rowIndex) =>
      Array.from(row ?? [], (cell) => cell ?? {}).flatMap(({ userEnteredValue }, column) => {
        const formula = userEnteredValue?.formulaValue;
        if (formula === undefined) return [];
        const cell = `${columnLetters(column)}${rowIndex + 1}`;
        return [{ tab: sheet.properties.title, cell, formula, value: evaluate(sheet, formula) }];
      }),
    ),
  );
