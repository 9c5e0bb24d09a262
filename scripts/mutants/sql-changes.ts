/**
 * What can be changed in a statement of SQL, one thing at a time: a condition that always holds, a
 * boundary, an order, a lock, a guard of an upsert. Every change leaves a statement that PostgreSQL takes.
 */

export interface TextChange {
  start: number;
  end: number;
  replacement: string;
  kind: string;
}

/** Parameters, texts and comments are masked with `¤`, so that nothing in them is taken for SQL. */
export function sqlChanges(masked: string): TextChange[] {
  return [
    ...conditions(masked),
    ...orders(masked),
    ...coalesced(masked),
    ...words.flatMap(({ pattern, replacement, kind }) =>
      [...masked.matchAll(pattern)].map((match) => ({
        start: match.index,
        end: match.index + match[0].length,
        replacement: match[0].replace(pattern, replacement),
        kind,
      })),
    ),
  ];
}

/** Masks what is no SQL of its own. */
export const maskSql = (text: string) =>
  text
    .replace(/--[^\n]*/g, (comment) => " ".repeat(comment.length))
    .replace(/'(?:[^']|'')*'/g, (quoted) => "¤".repeat(quoted.length));

interface Word {
  pattern: RegExp;
  replacement: string;
  kind: string;
}

const words: Word[] = [
  { pattern: /\bdistinct (?!on\b|from\b)/g, replacement: "", kind: "distinct dropped" },
  { pattern: /\bis not distinct from\b/g, replacement: "=", kind: "null equals nothing" },
  { pattern: /\bis distinct from\b/g, replacement: "<>", kind: "null differs from nothing" },
  {
    pattern: /\bfor (?:no key )?(?:update|share)(?: of \w+)?(?: skip locked| nowait)?/g,
    replacement: "",
    kind: "lock dropped",
  },
  { pattern: /\bskip locked\b/g, replacement: "", kind: "skip locked dropped" },
  { pattern: /\bmin\(/g, replacement: "max(", kind: "min to max" },
  { pattern: /\bmax\(/g, replacement: "min(", kind: "max to min" },
  { pattern: /\bleast\(/g, replacement: "greatest(", kind: "least to greatest" },
  { pattern: /\bgreatest\(/g, replacement: "least(", kind: "greatest to least" },
  { pattern: /\bbool_and\(/g, replacement: "bool_or(", kind: "all to any" },
  { pattern: /\bbool_or\(/g, replacement: "bool_and(", kind: "any to all" },
  { pattern: /\bis not null\b/g, replacement: "is null", kind: "null negated" },
  { pattern: /\bis null\b/g, replacement: "is not null", kind: "null negated" },
  { pattern: /\bleft join\b(?! lateral)/g, replacement: "join", kind: "left join to join" },
  { pattern: /\bunion all\b/g, replacement: "union", kind: "union all to union" },
  { pattern: /\bnot exists\b/g, replacement: "exists", kind: "exists negated" },
  { pattern: /(?<!not |if )\bexists \(/g, replacement: "not exists (", kind: "exists negated" },
  {
    pattern: /(?<![<>=!@|&#~-])(<|>)(?![<>=@-])/g,
    replacement: "$1=",
    kind: "boundary",
  },
  { pattern: /(?<![<>!@])(<|>)=(?!=)/g, replacement: "$1", kind: "boundary" },
  { pattern: /(?<=[\w)¤}] )\+(?= [\w(¤$])/g, replacement: "-", kind: "plus to minus" },
  { pattern: /(?<=[\w)¤}] )-(?= [\w(¤$])/g, replacement: "+", kind: "minus to plus" },
  {
    pattern: /\bon conflict (?:\([^()]*\) )?do nothing\b/g,
    replacement: "",
    kind: "on conflict dropped",
  },
];

const ENDS =
  /^(?:and|or|then|else|when|end|order by|group by|limit|offset|returning|for (?:no key )?(?:update|share)|on conflict|from|having|union|except|where|do (?:update|nothing)|set|left join|join|cross join|window)\b/;

/** Where the expression that begins here ends: at a word that is no part of it, or a parenthesis' end. */
function endOf(text: string, start: number, isEnd: (rest: string) => boolean) {
  let depth = 0;
  let isBetween = false;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (char === "(") depth += 1;
    if (char === ")") {
      if (depth === 0) return at;
      depth -= 1;
    }
    if (depth > 0 || /\w/.test(text[at - 1] ?? " ") || at === start) continue;
    if (char === ";") return at;
    const rest = text.slice(at);
    if (/^between\b/.test(rest)) isBetween = true;
    else if (isBetween && /^and\b/.test(rest)) isBetween = false;
    else if (isEnd(rest)) return at;
  }
  return text.length;
}

function conditions(text: string): TextChange[] {
  return [...text.matchAll(/\b(where|and|or|on|having)\s+/g)].flatMap((match) => {
    const [whole, word] = match;
    const isOfJoin = !/^conflict\b/.test(text.slice(match.index + whole.length));
    if (word === "on" && !(isOfJoin && !/\bdistinct\s*$/.test(text.slice(0, match.index))))
      return [];
    if (word === "and" && isOfBetween(text, match.index)) return [];
    const start = match.index + whole.length;
    const end = trimmed(
      text,
      start,
      endOf(text, start, (rest) => ENDS.test(rest)),
    );
    if (end <= start) return [];
    const replacement = word === "or" ? "false" : "true";
    return [{ start, end, replacement, kind: `${word} ... to ${replacement}` }];
  });
}

const isOfBetween = (text: string, at: number) =>
  /\bbetween\b(?:(?!\b(?:and|or)\b).)*$/s.test(text.slice(0, at));

function trimmed(text: string, start: number, end: number) {
  return start + text.slice(start, end).trimEnd().length;
}

function orders(text: string): TextChange[] {
  return [...text.matchAll(/\border by\s+/g)].flatMap((match) => {
    const start = match.index + match[0].length;
    const isEnd = (rest: string) =>
      /^(?:limit|offset|for (?:update|share)|rows|range|filter|returning|union|on conflict|where)\b/.test(
        rest,
      );
    const end = trimmed(text, start, endOf(text, start, isEnd));
    const keys = splitAtCommas(text, start, end);
    const turned = keys.map((key) => {
      const said = /\s+(desc|asc)\b/.exec(text.slice(key.start, key.end));
      const at = said ? key.start + said.index : key.end;
      const isDesc = said?.[1] === "desc";
      const until = said ? at + said[0].length : at;
      return { start: at, end: until, replacement: isDesc ? "" : " desc", kind: "order turned" };
    });
    const last = keys.at(-1);
    const previous = keys.at(-2);
    if (!last || !previous) return turned;
    const dropped = {
      start: previous.end,
      end: last.end,
      replacement: "",
      kind: "order key dropped",
    };
    return [...turned, dropped];
  });
}

function splitAtCommas(text: string, start: number, end: number) {
  const parts: { start: number; end: number }[] = [];
  let depth = 0;
  let from = start;
  for (let at = start; at <= end; at += 1) {
    const char = text[at];
    if (char === "(") depth += 1;
    if (char === ")") depth -= 1;
    if (at < end && (char !== "," || depth > 0)) continue;
    parts.push({ start: from, end: at });
    from = at + 1;
  }
  return parts;
}

/** What stands in for a value that is not there is left out. */
function coalesced(text: string): TextChange[] {
  return [...text.matchAll(/\bcoalesce\(/g)].flatMap((match) => {
    const start = match.index + match[0].length;
    const end = endOf(text, start, () => false);
    const [first, second] = splitAtCommas(text, start, end);
    if (!first || !second) return [];
    return [{ start: first.end, end, replacement: "", kind: "fallback dropped" }];
  });
}
