import type { Outcome } from "./probe.ts";

const WIDEST = 60;
const HEAD = ["probe", "sure", "wanted", "came"];

/** What differs, a row each; nothing when nothing does. */
export function differences(outcomes: readonly Outcome[]): string {
  const rows = outcomes
    .filter(({ result }) => result === "differs")
    .map(({ id, certainty, wanted, came }) => [id, certainty, cut(wanted), cut(came)]);
  return rows.length === 0 ? "" : table([HEAD, ...rows]);
}

/** Every probe with its sentence. */
export const everything = (outcomes: readonly Outcome[]) =>
  table(outcomes.map(({ result, id, certainty, says }) => [result, id, certainty, says]));

export function summary(outcomes: readonly Outcome[]): string {
  const count = (result: Outcome["result"]) =>
    outcomes.filter((outcome) => outcome.result === result).length;
  return `${count("same")} as expected, ${count("differs")} differ, ${count("not tried")} not tried`;
}

function table(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const cut = (text: string) => {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > WIDEST ? `${line.slice(0, WIDEST - 1)}…` : line;
};
