export type Cell = string | number | boolean | null;

export interface Column {
  /** What is nested stands in a column of its own: `pace.lastHour`. */
  name: string;
  /** The way to its value. */
  keys: readonly string[];
}

/** The columns of rows that are like this one, which has a value in each of them. */
export function columnsOf(example: object): Column[] {
  const columnsAt = (keys: readonly string[], value: unknown): Column[] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([key, inner]) => columnsAt([...keys, key], inner))
      : [{ name: keys.join("."), keys }];
  return columnsAt([], example);
}

export function cellOf(row: object, { keys }: Column): Cell {
  let value: unknown = row;
  // The cast: whatever is no object has none of its keys.
  for (const key of keys) value = (value as Record<string, unknown> | null | undefined)?.[key];
  if (Array.isArray(value)) return textOfList(value);
  // The cast: JSON has nothing else. An object where a value should be has no column.
  return typeof value === "object" ? null : ((value ?? null) as Cell);
}

/** Ids and the like with blanks between; what is more than that as JSON. */
const textOfList = (list: readonly unknown[]) =>
  list.every((one) => typeof one === "string") ? list.join(" ") : JSON.stringify(list);
