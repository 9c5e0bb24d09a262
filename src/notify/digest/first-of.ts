/** What is left out is said to be there. */
export const firstOf = (lines: string[], most: number) =>
  lines.length > most ? [...lines.slice(0, most), `and ${lines.length - most} more`] : lines;
