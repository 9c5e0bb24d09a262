import type { FoundTab } from "../google/spreadsheet.ts";

/**
 * Google refuses a whole batch for one number format in a typed column of a table, and gives such cells the
 * format of their type by itself. A row that is inserted before `row` is the table's where `row` is.
 */
export const isTyped = ({ typed = [] }: FoundTab, row: number, column: number) =>
  typed.some((one) => one.column === column && row > one.header && row < one.end);

export const hasTyped = ({ typed = [] }: FoundTab, row: number) =>
  typed.some(({ header, end }) => row > header && row < end);
