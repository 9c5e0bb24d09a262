export type Cell = string | number | boolean | null;

/** A row's values by their columns: what is nested stands in a column of its own, `pace.lastHour`. */
export function cellsOf(row: object): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  const put = (name: string, value: unknown) => {
    if (Array.isArray(value)) cells.set(name, textOfList(value));
    else if (typeof value === "object" && value !== null)
      for (const [key, inner] of Object.entries(value)) put(`${name}.${key}`, inner);
    // The cast: JSON has nothing else.
    else cells.set(name, (value ?? null) as Cell);
  };
  for (const [name, value] of Object.entries(row)) put(name, value);
  return cells;
}

export const columnsOf = (example: object) => [...cellsOf(example).keys()];

/** Ids and the like with blanks between; what is more than that as JSON. */
const textOfList = (list: readonly unknown[]) =>
  list.every((one) => typeof one === "string") ? list.join(" ") : JSON.stringify(list);
