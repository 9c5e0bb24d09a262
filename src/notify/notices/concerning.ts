import type { Sentence } from "../../lib/sentence.ts";

/** Of what `/status` says, what is of these accounts, and what is of none and so of all. */
export const concerning = (
  sentences: readonly Sentence[],
  regions: readonly string[] | undefined,
): string[] =>
  sentences
    .filter(({ account }) => !regions || account === null || regions.includes(account))
    .map(({ text }) => text);
