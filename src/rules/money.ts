import { movePoint } from "./decimals.ts";

/** ISO 4217's currencies whose minor unit is not a hundredth. */
const exponents = new Map([
  ...listed("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF", 0),
  ...listed("BHD IQD JOD KWD LYD OMR TND", 3),
  ...listed("CLF UYW", 4),
]);

export const exponentOf = (currency: string) => exponents.get(currency.toUpperCase()) ?? 2;

/**
 * Vivenu's decimal price as an integer of minor units, halves away from zero. The decimal point is
 * moved in the number's own digits, because `1.005 * 100` is 100.49999999999999.
 */
export function toMinor(major: number, currency: string): number {
  if (!Number.isFinite(major)) throw new RangeError(`Not an amount of money: ${major}`);
  const minor = Math.round(movePoint(Math.abs(major), exponentOf(currency)));
  return major < 0 && minor > 0 ? -minor : minor;
}

export const toMajor = (minor: number, currency: string) => minor / 10 ** exponentOf(currency);

/** Money in minor units of a currency. */
export interface Minor {
  minor: number;
  currency: string;
}

/** Whether one decimal price may have been rounded to both: 24.99 is 25 in KRW and 24.99 in SGD. */
export function isRoundedOtherwise(a: Minor, b: Minor): boolean {
  const [coarse, fine] = exponentOf(a.currency) < exponentOf(b.currency) ? [a, b] : [b, a];
  const steps = 10 ** (exponentOf(fine.currency) - exponentOf(coarse.currency));
  // Each is half a step of its own away from it at most.
  return steps > 1 && 2 * Math.abs(coarse.minor * steps - fine.minor) <= steps + 1;
}

function listed(currencies: string, exponent: number) {
  return currencies.split(" ").map((currency): [string, number] => [currency, exponent]);
}
