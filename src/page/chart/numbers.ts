/** How numbers are written: `1,234`, `91.5 %`, `+25`, `−6`. */
import { oneDecimal } from "../../rules/decimals.ts";
import { exponentOf } from "../../rules/money.ts";

const MINUS = "−";

/** Whole ones with a comma every three digits. */
export const whole = (value: number): string =>
  `${value < 0 ? MINUS : ""}${grouped(String(Math.abs(Math.round(value))))}`;

const grouped = (digits: string) => digits.replace(/\B(?=(\d{3})+$)/g, ",");

/** With one decimal; what is below 100 is not shown as 100, for then something is left. */
export function percent(value: number): string {
  const rounded = Number(oneDecimal(value));
  const shown = rounded === 100 && value < 100 ? 99.9 : rounded;
  return `${shown < 0 ? MINUS : ""}${Math.abs(shown).toFixed(1)} %`;
}

/** With its sign; nothing is `0`, and a difference that rounds to nothing `±0`. */
export function signed(value: number): string {
  const rounded = Math.round(value);
  if (rounded === 0) return value === 0 ? "0" : "±0";
  return rounded > 0 ? `+${whole(rounded)}` : whole(rounded);
}

/** A price in its currency's own units: there is no hundredth of a yen. */
export function amount(major: number, currency: string | null): string {
  const [units = "", parts] = major.toFixed(exponentOf(currency ?? "")).split(".");
  return parts === undefined ? grouped(units) : `${grouped(units)}.${parts}`;
}
