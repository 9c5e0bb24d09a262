import type { Cell, NumberFormat } from "./document.ts";

const DEFAULT_PATTERN: Record<string, string> = {
  DATE: "yyyy-mm-dd",
  TIME: "hh:mm:ss",
  DATE_TIME: "yyyy-mm-dd hh:mm:ss",
  PERCENT: "0.00%",
  NUMBER: "#,##0.00",
  CURRENCY: "#,##0.00",
  SCIENTIFIC: "0.00E+00",
};

const MONTHS =
  "January February March April May June July August September October November December";
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday";

/** What a person sees in a cell. Formulas are not worked out here; their text is shown. Probe: google/shown. */
export function formattedValue({ userEnteredValue, userEnteredFormat }: Cell): string | undefined {
  const { stringValue, numberValue, boolValue, formulaValue } = userEnteredValue ?? {};
  if (numberValue !== undefined) return formatNumber(numberValue, userEnteredFormat?.numberFormat);
  if (boolValue !== undefined) return boolValue ? "TRUE" : "FALSE";
  return stringValue ?? formulaValue;
}

export function formatNumber(value: number, format?: NumberFormat): string {
  const pattern = format && (format.pattern ?? DEFAULT_PATTERN[format.type]);
  if (!format || !pattern || format.type === "TEXT") return String(Number(value.toPrecision(12)));
  if (["DATE", "TIME", "DATE_TIME"].includes(format.type)) return formatDate(value, pattern);
  return formatDigits(value, pattern);
}

/** Days since 30 December 1899, which is how a spreadsheet keeps dates. */
function formatDate(serial: number, pattern: string) {
  const date = new Date(Math.round(serial * 86_400) * 1000 - 25_569 * 86_400_000);
  if (Number.isNaN(date.getTime())) return String(serial);
  const tokens = pattern.match(/y+|m+|d+|h+|s+|"[^"]*"|am\/pm|[\s\S]/gi) ?? [];
  const twelveHours = tokens.some((token) => /am\/pm/i.test(token));
  const letters = tokens.map((token) => token[0]?.toLowerCase() ?? "");
  return tokens.map((token, index) => piece(token, index)).join("");

  function piece(token: string, index: number) {
    const padded = (value: number) => String(value).padStart(Math.min(token.length, 2), "0");
    if (/^am\/pm$/i.test(token)) return date.getUTCHours() < 12 ? "AM" : "PM";
    switch (letters[index]) {
      case "y":
        return String(date.getUTCFullYear()).slice(token.length > 2 ? 0 : -2);
      case "m":
        return isMinute(index) ? padded(date.getUTCMinutes()) : month(token, padded);
      case "d":
        return token.length > 2
          ? named(DAYS, date.getUTCDay(), token.length > 3)
          : padded(date.getUTCDate());
      case "h":
        return padded(twelveHours ? date.getUTCHours() % 12 || 12 : date.getUTCHours());
      case "s":
        return padded(date.getUTCSeconds());
      default:
        return token.replaceAll('"', "");
    }
  }

  function month(token: string, padded: (value: number) => string) {
    const at = date.getUTCMonth();
    return token.length > 2 ? named(MONTHS, at, token.length > 3) : padded(at + 1);
  }

  /** "m" means minutes after hours and before seconds, and months elsewhere. */
  function isMinute(index: number) {
    const units = (list: string[]) => list.find((letter) => /[ymdhs]/.test(letter));
    return (
      units(letters.slice(0, index).reverse()) === "h" || units(letters.slice(index + 1)) === "s"
    );
  }
}

function named(names: string, index: number, full: boolean) {
  const name = names.split(" ")[index] ?? "";
  return full ? name : name.slice(0, 3);
}

function formatDigits(value: number, pattern: string) {
  const [positive = "", negative] = pattern.split(";");
  const chosen = value < 0 && negative !== undefined ? negative : positive;
  const digits = /[#0?][#0?,.]*(E\+0+)?/i.exec(chosen)?.[0];
  if (digits === undefined) return chosen.replaceAll('"', "");
  const decimals = digits.split(".")[1] ?? "";
  const scaled = chosen.includes("%") ? value * 100 : value;
  const text = /E/i.test(digits)
    ? scaled.toExponential((/[0#]*/.exec(decimals)?.[0] ?? "").length).toUpperCase()
    : formatOf(digits).format(chosen === negative ? Math.abs(scaled) : scaled);
  return chosen.replace(digits, () => text).replaceAll('"', "");
}

const formats = new Map<string, Intl.NumberFormat>();

/** Kept: to make one takes ten times as long as to write a number with it. */
function formatOf(digits: string) {
  const known = formats.get(digits);
  if (known) return known;
  const [whole = "", decimals = ""] = digits.split(".");
  const format = new Intl.NumberFormat("en-US", {
    minimumFractionDigits: decimals.replace(/[^0]/g, "").length,
    maximumFractionDigits: decimals.length,
    minimumIntegerDigits: Math.max(1, whole.replace(/[^0]/g, "").length),
    useGrouping: whole.includes(","),
  });
  formats.set(digits, format);
  return format;
}
