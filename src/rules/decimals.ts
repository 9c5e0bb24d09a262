/** The decimal point moved in the number's own digits: 1.005 by two places is 100.5, `1.005 * 100` is not. */
export function movePoint(value: number, places: number): number {
  const [digits, exponent = "0"] = String(value).split("e");
  return Number(`${digits}e${Number(exponent) + places}`);
}

/**
 * With one decimal, halves away from zero: 7.35 is `7.4`, as the sheet shows it. `toFixed` has `7.3`, for the
 * number that is kept is a little below.
 */
export function oneDecimal(value: number): string {
  if (Number.isInteger(value)) return value.toFixed(1);
  const tenths = Math.round(movePoint(Math.abs(value), 1));
  return ((value < 0 ? -tenths : tenths) / 10).toFixed(1);
}
