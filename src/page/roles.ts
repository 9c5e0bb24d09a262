/**
 * What a table's parts are, said once more: a phone shows rows as blocks, and browsers take what the style sheet
 * shows as a block for no part of a table.
 */
export const as = {
  table: { role: "table" },
  rowGroup: { role: "rowgroup" },
  row: { role: "row" },
  columnHeader: { role: "columnheader" },
  rowHeader: { role: "rowheader" },
  cell: { role: "cell" },
} as const;
