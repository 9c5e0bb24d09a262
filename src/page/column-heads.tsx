import { as } from "./roles.ts";

/** The heads of a table's columns: numbers stand to the right, but for those that are texts. */
export const ColumnHeads = ({
  names,
  texts,
}: {
  names: readonly string[];
  texts: readonly string[];
}) => (
  <thead {...as.rowGroup}>
    <tr {...as.row}>
      {names.map((name) => (
        <th scope="col" class={texts.includes(name) ? undefined : "number"} {...as.columnHeader}>
          {name}
        </th>
      ))}
    </tr>
  </thead>
);
