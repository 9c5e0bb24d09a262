import { HttpError } from "./http-error.ts";

export type Operator = "$gt" | "$gte" | "$lt" | "$lte" | "$eq" | "$ne";
export type Comparison<Value> = { operator: Operator; value: Value };

const OPERATORS: readonly Operator[] = ["$gt", "$gte", "$lt", "$lte", "$eq", "$ne"];
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** What a parameter may be; one that is not named in a route's table gets 400, as Vivenu does it. */
type Kind = "text" | "list" | "dateTime" | "compareDateTime" | "compareNumber" | "integer";

export interface ParsedQuery {
  text(name: string): string | undefined;
  list(name: string): string[] | undefined;
  dateTime(name: string): Date | undefined;
  compareDateTime(name: string): Comparison<Date>[];
  compareNumber(name: string): Comparison<number>[];
  /** Within `low` and `high`; without a `fallback` the parameter is required. */
  integer(name: string, range: { low: number; high: number; fallback?: number }): number;
}

export function parseQuery(search: URLSearchParams, known: Record<string, Kind>): ParsedQuery {
  for (const key of search.keys()) check(key, known);
  const text = (name: string) => single(search, name);
  const compare = <Value>(name: string, read: (name: string, text: string) => Value) =>
    [...search].flatMap(([key, value]) => {
      const operator = operatorOf(key, name);
      return operator ? [{ operator, value: read(name, value) }] : [];
    });
  return {
    text,
    list: (name) => text(name)?.split(",").filter(Boolean),
    dateTime(name) {
      const value = text(name);
      return value === undefined ? undefined : dateTime(name, value);
    },
    compareDateTime: (name) => compare(name, dateTime),
    compareNumber: (name) => compare(name, number),
    integer: (name, range) => integer(name, text(name), range),
  };
}

// Probes: vivenu/unknown-parameter, vivenu/comparison.
function check(key: string, known: Record<string, Kind>) {
  const name = key.replace(/\[.*$/, "");
  const kind = Object.hasOwn(known, name) ? known[name] : undefined;
  const compares = kind === "compareDateTime" || kind === "compareNumber";
  if (kind === undefined) throw new HttpError(400, `"${key}" is not allowed`);
  if (compares && !operatorOf(key, name)) {
    throw new HttpError(400, `"${name}" takes one of ${OPERATORS.join(", ")} in brackets`);
  }
  if (!compares && key !== name) throw new HttpError(400, `"${key}" is not allowed`);
}

const operatorOf = (key: string, name: string) =>
  OPERATORS.find((operator) => key === `${name}[${operator}]`);

function single(search: URLSearchParams, name: string) {
  const [value, ...more] = search.getAll(name);
  if (more.length > 0) throw new HttpError(400, `"${name}" must be given once`);
  return value;
}

function dateTime(name: string, text: string) {
  const at = new Date(DATE_TIME.test(text) ? text : Number.NaN);
  if (Number.isNaN(at.getTime())) {
    throw new HttpError(400, `"${name}" must be an ISO 8601 date-time`);
  }
  return at;
}

function number(name: string, text: string) {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new HttpError(400, `"${name}" must be a number`);
  return value;
}

// Probe: vivenu/top-range.
function integer(
  name: string,
  text: string | undefined,
  { low, high, fallback }: { low: number; high: number; fallback?: number },
) {
  if (text === undefined && fallback !== undefined) return fallback;
  if (text === undefined) throw new HttpError(400, `"${name}" is required`);
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= low && value <= high)) {
    throw new HttpError(400, `"${name}" must be an integer from ${low} to ${high}`);
  }
  return value;
}
