/** `1,234`. */
export const thousands = (count: number) => String(count).replace(/\B(?=(\d{3})+$)/g, ",");

/** `1 event`, `1,234 events`: a number with its thousands, and the word that goes with it. */
export const counted = (count: number, one: string, more = `${one}s`) =>
  `${thousands(count)} ${count === 1 ? one : more}`;
