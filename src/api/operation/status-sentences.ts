import type { Sentence } from "../../lib/sentence.ts";

/** The fields of `Status` that say what is wrong or worth knowing. */
export const sentencesIn = (problems: readonly Sentence[], notes: readonly Sentence[]) => ({
  problems: problems.map(({ text }) => text),
  notes: notes.map(({ text }) => text),
  sentences: [
    ...problems.map((said) => ({ kind: "problem" as const, ...said })),
    ...notes.map((said) => ({ kind: "note" as const, ...said })),
  ],
});
