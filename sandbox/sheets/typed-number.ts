const NUMBER = /^(-?\d+(?:[.,]\d+)?)\s*(%?)$/;

/** The number that a spreadsheet of `locale` (`de_DE`) takes a typed text for; undefined where it takes it for none. */
export function typedNumber(text: string, locale: string): number | undefined {
  const [, digits, percent] = NUMBER.exec(text.trim()) ?? [];
  const decimal = decimalOf(locale);
  if (digits === undefined || digits.includes(decimal === "," ? "." : ",")) return undefined;
  const number = Number(digits.replace(",", "."));
  return percent ? number / 100 : number;
}

const decimalOf = (locale: string) =>
  new Intl.NumberFormat(locale.replace("_", "-"))
    .formatToParts(0.5)
    .find(({ type }) => type === "decimal")?.value ?? ".";
