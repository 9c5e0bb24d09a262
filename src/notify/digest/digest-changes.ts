import type { ChangeRow } from "../../projections/queries/row-types.ts";
import { changeWords } from "../../rules/change-words.ts";
import { isAsGrave, type Severity, severities } from "../../rules/severity.ts";
import { kindOf, noticesIn } from "../notices/from-changes.ts";
import type { Notice } from "../notices/notice.ts";
import { messageOf, plain, wordsOf } from "../notices/words.ts";

interface Line {
  severity: Severity;
  at: string;
  words: string;
}

/**
 * What is grave of a day's changes, in a line each, the gravest first and of these the newest: where there is no
 * room for all, what is less grave goes, and of that the oldest. A change that nobody is told of when it happens
 * is among them: a digest is where it is read.
 */
export function graveChanges(changes: readonly ChangeRow[], notices: readonly Notice[]): string[] {
  const told = [...noticesIn(changes), ...notices].map(lineOfNotice);
  const untold = changes.filter((change) => kindOf(change) === undefined).map(lineOfChange);
  return [...told, ...untold]
    .filter(({ severity }) => isAsGrave(severity, "high"))
    .map((line, n) => ({ ...line, n }))
    .sort(
      (one, other) =>
        gravityOf(one) - gravityOf(other) ||
        Date.parse(other.at) - Date.parse(one.at) ||
        other.n - one.n,
    )
    .map(({ words }) => words);
}

const gravityOf = ({ severity }: Line) => severities.indexOf(severity);

function lineOfNotice(notice: Notice): Line {
  const { title, lines } = messageOf(notice, undefined);
  const [first, ...others] = lines;
  const words = [
    title,
    ...(first === undefined ? [] : [first]),
    ...(others.length > 0 ? [`and ${others.length} more`] : []),
  ];
  return { severity: notice.severity, at: notice.at, words: words.join(" · ") };
}

function lineOfChange(change: ChangeRow): Line {
  const { severity, changedAt, eventName, region, timezone, subjectName } = change;
  const item = { valueKind: change.kind, currency: change.currency };
  const value = ({ value: one }: ChangeRow["newValue"]) => wordsOf(one, item, timezone);
  const about = subjectName === null ? "" : `${plain(subjectName)}: `;
  const isOne = change.fieldName === "added" || change.fieldName === "removed";
  const values = isOne
    ? (subjectName ?? "")
    : `${about}${value(change.previousValue)} → ${value(change.newValue)}`;
  const words = `${changeWords(change)}: ${plain(eventName)} (${region}) · ${plain(values, 500)}`;
  return { severity, at: changedAt, words };
}
