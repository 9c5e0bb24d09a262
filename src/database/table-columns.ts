import type { Sql } from "./connect.ts";

/** A column of a table: everything that names it is made from this. */
export interface Column {
  name: string;
  /** As PostgreSQL calls it. */
  type: string;
  /** As our rows, and facts, call it. */
  field: string;
}

/** Columns by their types; each holds the field of its name unless `fields` says another. */
export const columns = (
  types: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, string>> = {},
): Column[] => Object.entries(types).map(([name, type]) => column(name, type, fields[name]));

export const column = (name: string, type: string, field = camel(name)): Column => ({
  name,
  type,
  field,
});

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** `a, b, c`, or `t.a, t.b, t.c` of a table. */
export const namesOf = (sql: Sql, list: readonly Column[], table?: string) =>
  listed(
    sql,
    list.map(({ name }) => (table === undefined ? `"${name}"` : `${table}."${name}"`)),
  );

/** The same, lists as JSON: of hundreds of items that takes the driver no time, and PostgreSQL's own text does. */
export const withListsAsJson = (sql: Sql, list: readonly Column[]) =>
  listed(
    sql,
    list.map(({ name, type }) =>
      type.endsWith("[]") ? `to_json("${name}") as "${name}"` : `"${name}"`,
    ),
  );

/** `a integer, b text`: how `jsonb_to_record` is to read a row whose keys are the columns. */
export const typesOf = (sql: Sql, list: readonly Column[]) =>
  listed(
    sql,
    list.map(({ name, type }) => `"${name}" ${type}`),
  );

/** The same where the keys are the fact's. */
export const fieldTypesOf = (sql: Sql, list: readonly Column[]) =>
  listed(
    sql,
    list.map(({ field, type }) => `"${field}" ${type}`),
  );

/** `"aField" as a, "bField" as b`, each of a record that was read by `fieldTypesOf`. */
export const fieldsAs = (sql: Sql, list: readonly Column[], record: string) =>
  listed(
    sql,
    list.map(({ name, field }) => `${record}."${field}" as "${name}"`),
  );

/** `a = excluded.a, b = excluded.b`: what an upsert takes over, so that no column is forgotten there. */
export const takenOver = (sql: Sql, list: readonly Column[]) =>
  listed(
    sql,
    list.map(({ name }) => `"${name}" = excluded."${name}"`),
  );

/**
 * A group's rows as one value, each a list: an event has hundreds, and to take so many columns of each
 * from the connection takes longer than all else that is done with them.
 */
export const together = (sql: Sql, list: readonly Column[], table?: string) =>
  sql`json_agg(json_build_array(${namesOf(sql, list, table)}))`;

/** One row of `together` by its fields. Instants are text in JSON. */
export function rowOf(list: readonly Column[], values: readonly unknown[]) {
  const row: Record<string, unknown> = {};
  list.forEach(({ field, type }, index) => {
    const value = values[index];
    row[field] = type === "timestamptz" && typeof value === "string" ? new Date(value) : value;
  });
  return row;
}

/** Names are this program's own, so that nothing is to be escaped. */
const listed = (sql: Sql, parts: string[]) => sql.unsafe(parts.join(", "));
