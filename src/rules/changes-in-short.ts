import { changeWords } from "./change-words.ts";
import { type Severity, severities } from "./severity.ts";

export interface ShortChange {
  changeType: string;
  fieldName: string;
  subjectName: string | null;
  severity: Severity;
}

const MOST = 4;

/**
 * Changes of one event, newest first, in a few words: `Sold out: HYROX MEN; Price (3); Race start`. The
 * gravest come first; of many of one kind it is said how many, and of one what it is of.
 */
export function changesInShort(changes: readonly ShortChange[]): string | null {
  const kinds = [...Map.groupBy(changes, changeWords)]
    .map(([words, some]) => ({ words, some, grave: Math.min(...some.map(gravity)) }))
    .sort((one, other) => one.grave - other.grave);
  if (kinds.length === 0) return null;
  const said = kinds.slice(0, MOST).map(({ words, some }) => {
    const names = new Set(some.map(({ subjectName }) => subjectName));
    const [only] = names;
    if (some.length > 1 && names.size > 1) return `${words} (${some.length})`;
    return only ? `${words}: ${only}` : words;
  });
  const left = kinds.length - said.length;
  return [...said, ...(left > 0 ? [`${left} more`] : [])].join("; ");
}

const gravity = ({ severity }: ShortChange) => severities.indexOf(severity);
