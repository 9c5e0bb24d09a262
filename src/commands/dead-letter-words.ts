import {
  type ActDone,
  type DeadLetter,
  type DeadLetterState,
  FAILING,
} from "../database/dead-letter.ts";
import { type Sentence, someOfEach } from "../lib/sentence.ts";
import type { Done, Listed } from "./dead-letters.ts";

const NONE = "nothing is set aside";

export const describeDeadLetters = (letters: Listed[]) =>
  letters.length === 0 ? NONE : letters.map(describeLetter).join("\n");

function describeLetter({ id, account, type, reason, at, failures, state, lastAct }: Listed) {
  const tries = failures > 1 ? `, ${failures} tries` : "";
  const last = lastAct ? [`    ${describeAct(lastAct)}`] : [];
  const owner = account ?? "account unknown";
  return [
    `${id}  ${owner}  ${type}  ${inWords[state]} ${at.toISOString()}${tries}`,
    `    ${reason}`,
    ...last,
  ].join("\n");
}

const inWords: Record<DeadLetterState, string> = {
  failing: "is tried again by itself, failed first",
  dead: "set aside, failed first",
  dropped: "dropped, failed first",
};

const describeAct = ({ act, outcome, reason, by, at }: Omit<ActDone, "id">) =>
  `${act} by ${by} at ${at.toISOString()}: ${outcome}${because(reason)}`;

export const describeActs = (done: ActDone[]) =>
  done.length === 0
    ? "nothing was done with anything yet"
    : done.map((one) => `${one.id}  ${describeAct(one)}`).join("\n");

export const describeDone = (done: Done[]) =>
  done.length === 0
    ? NONE
    : done
        .map(({ id, outcome, reason }) => `${id}  ${said[outcome] ?? outcome}${because(reason)}`)
        .join("\n");

const said: Record<string, string> = {
  released: "released: the running service tries it again",
  gone: "gone: somebody else worked on it meanwhile",
};

const because = (reason: string | null) => (reason === null ? "" : `: ${reason}`);

/** What /status says of each account's newest few. */
export function problemsOf(letters: readonly DeadLetter[], most: number): Sentence[] {
  const newest = letters.toSorted((a, b) => b.at.getTime() - a.at.getTime());
  return someOfEach(newest, most).map(({ id, account, type, reason, state }) => {
    const what = account === null ? type : `${account}, ${type}`;
    const how = state === FAILING ? "fails and is tried again" : "is set aside";
    return { account, text: `${id} (${what}) ${how}: ${reason}.` };
  });
}
