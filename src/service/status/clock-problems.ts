import type { WrongClocks } from "../../intake/store/wrong-clocks.ts";
import type { Sentence } from "../../lib/sentence.ts";
import type { UnreadableEvent } from "../../projections/queries/unreadable-events.ts";
import type { FailingLoop } from "./failing.ts";

export const [POSTGRES, GOOGLE] = ["PostgreSQL's", "Google's"] as const;
const EITHER = "one of them has to be set";
const wayOf = (sentence: string) => / (ahead of|behind) /.exec(sentence)?.[1];

/** What is told of this machine's clock is told as of a loop of this name. */
export const clockLoop = (whose: string) => `the clock beside ${whose}`;

/**
 * This machine's clock in one sentence, whoever noticed it: each process looks by itself, and at several clocks. One
 * that differs from two others in one direction is itself the wrong one.
 */
export function machineClock(seen: readonly string[], failures: readonly FailingLoop[]) {
  const toldBeside = (whose: string) =>
    failures.flatMap(({ loop, message }) => (loop === clockLoop(whose) ? [message] : []));
  const [beside] = [...seen, ...toldBeside(POSTGRES)];
  const [google] = toldBeside(GOOGLE);
  const isOurs = beside !== undefined && google !== undefined && wayOf(beside) === wayOf(google);
  const apart = [beside, google].filter((sentence) => sentence !== undefined);
  return {
    sentences: isOurs
      ? [beside.replace(` ${POSTGRES}: ${EITHER}`, ` ${POSTGRES} and ${GOOGLE}: it has to be set`)]
      : apart,
    others: failures.filter(
      ({ loop }) => loop !== clockLoop(POSTGRES) && loop !== clockLoop(GOOGLE),
    ),
  };
}

/** A list of which an element cannot be read, or a limit that is no number. */
const isPart = (field: string) => field.includes("[]") || field === "maxAmount";

/** Times of an event that can be none of its dates, a time of change that no clock can have said, and what else is odd. */
export function unreadableProblem(event: UnreadableEvent): Sentence {
  const { account, eventId, name, unreadable } = event;
  const parts = unreadable.filter(isPart);
  const fields = unreadable.filter((field) => field !== "updatedAt" && !isPart(field));
  const sentences = [
    ...(parts.length === 0
      ? []
      : [
          `Vivenu says ${parts.join(", ")} of ${name} (${eventId}) in a way that cannot be read; that part is left out, and the event's numbers are without it, until Vivenu says it well.`,
        ]),
    ...(fields.length === 0
      ? []
      : [
          `Vivenu says ${fields.join(", ")} of ${name} (${eventId}) as a date that it cannot have; it is taken for none until Vivenu says another.`,
        ]),
    ...(!unreadable.includes("updatedAt")
      ? []
      : [
          `the clock behind ${name} (${eventId}) is wrong: it was changed, it says, at a time that cannot be; when it was observed counts instead.`,
        ]),
  ];
  return { account, text: sentences.map((sentence) => `${account}: ${sentence}`).join(" ") };
}

export const clockProblem = ({ account, eventId, name, tickets }: WrongClocks): Sentence => ({
  account,
  text: `${account}: the clock behind ${tickets === 1 ? "a ticket" : `${tickets} tickets`} of ${name} (${eventId}) is wrong: ${tickets === 1 ? "it was" : "they were"} changed, it says, at a time that cannot be; what becomes of ${tickets === 1 ? "it" : "them"} is seen at the next full count.`,
});
