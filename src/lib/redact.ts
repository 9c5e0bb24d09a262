const HIDDEN = "[secret]";

/** What a field is called that holds a secret, whatever the secret looks like. */
const NAME = String.raw`authorization|api[-_ ]?keys?|[\w-]*secret|hmac[-_]?key|private[-_]?key(?:[-_]?id)?|[\w-]*pass(?:word|wd|phrase)|cookie|set-cookie|(?:[\w-]*[-_])?token|(?:access|refresh|id)token|credentials?|assertion`;
const SECRET_NAME = new RegExp(`^(?:x[-_])?(?:${NAME}|\\w+_API)$`, "i");

/** A field's name as code has it: most are, and no secret looks like that. */
const PLAIN_NAME = /^[a-zA-Z][a-zA-Z_]{0,24}$/;

/** Secrets by what they look like, inside any text. */
const SECRET_TEXT = new RegExp(
  [
    String.raw`-----BEGIN[^-]*PRIVATE KEY-----[\s\S]*?(?:-----END[^-]*-----|$)`,
    // A private key's or another binary secret's base64, with or without its armour: mixed, and long.
    String.raw`(?<![\w/+.-])(?=[a-z0-9+/]*[A-Z])(?=[A-Z0-9+/]*[a-z])(?=[A-Za-z+/]*\d)[A-Za-z0-9+][A-Za-z0-9+/]{39,}={0,2}`,
    String.raw`eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?`,
    String.raw`\bkey_[0-9a-fA-F]{6,}`,
    String.raw`\bfc_[A-Za-z0-9-]+_[A-Za-z0-9-]+`,
    String.raw`\bya29\.[\w-]+`,
    String.raw`\b(?:[Bb]earer|BEARER|[Aa]pi[Kk]ey|Basic)(?:\s|%20|\+)+[^\s"'\\,;)}\]]+`,
    String.raw`\bpostgres(?:ql)?:\/\/[^\s"'\\]+`,
    String.raw`\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s\/@"']+@[^\s"'\\]+`,
    String.raw`(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]+(?:@|%40)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}`,
  ].join("|"),
  "gu",
);

/** `"apiKey": "..."`, `api_key=...`, however often the quotes are escaped; the value ends as it began. */
const NAMED_TEXT = new RegExp(
  String.raw`(?<![\w-])((?:x[-_])?(?:${NAME}|\w+_(?:API|SECRET|KEY))(?:\\*["'])?\s*(?:=|:)\s*)(?:(\\*["'])[\s\S]*?\2|(?!\[secret\])[^\s"'\\&,;)}\]]+)`,
  "gi",
);

/** So many characters of a known secret in a row are a part of it and no chance. */
const PART = 12;
const SHORTEST = 8;
/** Fewer different characters in it, as in twelve zeros, are no part that anybody could use, and many ids have them. */
const VARIED = 4;
const wholes = new Set<string>();
const parts = new Set<string>();

/** From now on these values, and what is left of them when they are cut up, are hidden in any text. */
export function hideSecrets(values: Iterable<string>): void {
  for (const value of values)
    for (const form of formsOf(value)) {
      if (form.length < SHORTEST || wholes.has(form)) continue;
      wholes.add(form);
      for (let at = 0; form.length >= 2 * PART && at + PART <= form.length; at += 1) {
        const part = form.slice(at, at + PART);
        if (new Set(part).size >= VARIED) parts.add(part);
      }
    }
}

function formsOf(value: string): string[] {
  // The armour is no secret, and what is between stands in lines of its own.
  const lines = value
    .split(/\\n|\s+/)
    .filter((line) => !/-----|^(BEGIN|END|PRIVATE|KEY)/.test(line));
  const base64 = Buffer.from(value).toString("base64").replace(/=+$/, "");
  return [...lines, base64, encodeURIComponent(value)];
}

export const redactText = (text: string): string =>
  redactPlain(text.replace(/(?<!\S)\S*%[0-9A-Fa-f]{2}\S*/g, redactEncoded));

const redactPlain = (text: string) =>
  hideKnown(text)
    .replace(SECRET_TEXT, HIDDEN)
    .replace(NAMED_TEXT, (_, name: string, quote = "") => `${name}${quote}${HIDDEN}${quote}`);

/** Part of an address, encoded once or twice: as it was, unless what it stands for holds a secret. */
function redactEncoded(encoded: string): string {
  let plain = encoded;
  for (let times = 0; times < 3; times += 1) {
    plain = plain.replace(/(?:%[0-9A-Fa-f]{2})+/g, decoded);
    const redacted = redactPlain(plain);
    if (redacted !== plain) return redacted;
  }
  return encoded;
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function hideKnown(text: string): string {
  let hidden = text;
  for (const whole of wholes) hidden = hidden.replaceAll(whole, HIDDEN);
  if (parts.size === 0) return hidden;
  let out = "";
  let secretUntil = 0;
  for (let at = 0; at < hidden.length; at += 1) {
    if (parts.has(hidden.slice(at, at + PART))) {
      if (at >= secretUntil) out += HIDDEN;
      secretUntil = at + PART;
    }
    if (at >= secretUntil) out += hidden[at];
  }
  return out;
}

/** The same for whatever JSON can hold: its strings, its names, and what stands under a secret's name. */
export function redactValue(value: unknown): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value !== "object" || value === null) return value;
  if (isBytes(value)) return "[bytes]";
  if (Array.isArray(value))
    return value.map((item, index) => {
      // Headers as they come over the wire: a name, then its value.
      const before: unknown = value[index - 1];
      return typeof before === "string" && SECRET_NAME.test(before) ? HIDDEN : redactValue(item);
    });
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      PLAIN_NAME.test(name) ? name : redactText(name),
      SECRET_NAME.test(name) && inner !== null && typeof inner !== "boolean"
        ? HIDDEN
        : redactValue(inner),
    ]),
  );
}

/** What JSON makes of a Buffer, and of a Uint8Array. */
function isBytes(value: object): boolean {
  if ("type" in value && value.type === "Buffer" && "data" in value) return true;
  const entries = Object.entries(value);
  return (
    !Array.isArray(value) &&
    entries.length > 0 &&
    entries.every(([name, byte], index) => name === String(index) && typeof byte === "number")
  );
}
