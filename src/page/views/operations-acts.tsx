import type { AdminAct } from "../../api/operation/operations.ts";
import type { Status } from "../../api/operation/status.ts";
import { href, type Look } from "../look.ts";
import { counted } from "../words.ts";

const acts: Record<AdminAct, { name: string; question: string; means: string }> = {
  poll: {
    name: "Read an account",
    question: "Read the whole account now?",
    means:
      "Every event of the account is described and counted anew. Nothing waits for it, and numbers change as they are read.",
  },
  deliver: {
    name: "Deliver a webhook again",
    question: "Work on this webhook once more?",
    means: "As if it had just come. What it says and is known already changes nothing.",
  },
  retry: {
    name: "Try again",
    question: "Try this once more?",
    means: "It is worked on at once. If it fails again, it stays where it is.",
  },
  release: {
    name: "Release",
    question: "Let this wait for its turn again?",
    means: "What is not in the log yet is tried again in its turn.",
  },
  drop: {
    name: "Drop",
    question: "Drop this for good?",
    means: "It is not worked on any more. What it said is not in the numbers.",
  },
  replayDryRun: {
    name: "Try a replay",
    question: "Build all rows anew beside these, and compare?",
    means: "It takes minutes and CPU. Rows stay as they are: it only says what would be otherwise.",
  },
};

export const actWords = (act: AdminAct) => acts[act].name;

export const confirmHref = (look: Look, { act, ids }: { act: AdminAct; ids: string }) =>
  href(look, "/operations/confirm", { act, ids });

/** What can be done here; each is asked once more on a page of its own. */
export const Acts = ({ status, letters }: { status: Status; letters: number }) => (
  <section class="do" aria-labelledby="do-title">
    <h2 id="do-title">Do</h2>
    <form method="get" action="/operations/confirm">
      <input type="hidden" name="act" value="poll" />
      <label>
        <b>Read an account now</b>
        <select name="region">
          {status.accounts.map(({ region }) => (
            <option value={region}>{region}</option>
          ))}
        </select>
      </label>
      <button type="submit">Read now…</button>
    </form>
    {letters > 0 ? (
      <form method="get" action="/operations/confirm">
        <input type="hidden" name="act" value="retry" />
        <input type="hidden" name="all" value="true" />
        <p>
          <b>Try again what was set aside</b>
          <span class="muted">{counted(letters, "letter")}</span>
        </p>
        <button type="submit">Try all again…</button>
      </form>
    ) : (
      <div>
        <p>
          <b>Try again what was set aside</b>
        </p>
        <span class="muted">nothing to do</span>
      </div>
    )}
    <form method="get" action="/operations/confirm">
      <input type="hidden" name="act" value="replayDryRun" />
      <p>
        <b>Try a replay</b>
        <span class="muted">compares, and changes nothing</span>
      </p>
      <button type="submit">Try…</button>
    </form>
  </section>
);

export interface ConfirmProps {
  look: Look;
  act: AdminAct;
  region: string | undefined;
  ids: readonly string[] | undefined;
  isAll: boolean;
  /** So that who sends it twice has asked for it once. */
  token: string;
  status: Status;
}

/** What is about to be done, what that means, and the one button that does it. */
export function Confirm({ act, region, ids, isAll, token, status }: ConfirmProps) {
  const { question, means, name } = acts[act];
  const last = status.accounts.find((account) => account.region === region)?.lastPoll;
  const subjects = isAll ? ["All that was set aside"] : region ? [region] : (ids ?? []);
  return (
    <section class="confirm">
      <h1>{question}</h1>
      {subjects.length > 0 ? (
        <ul>
          {subjects.map((one) => (
            <li>
              <b>{one}</b>
            </li>
          ))}
        </ul>
      ) : null}
      <p>{means}</p>
      {last ? (
        <p class="muted">
          {`The last time it took ${counted(last.requests, "request")} and ${Math.round(last.seconds)} s.`}
        </p>
      ) : null}
      <form method="post" action="/operations/acts">
        <input type="hidden" name="act" value={act} />
        <input type="hidden" name="key" value={token} />
        {region ? <input type="hidden" name="region" value={region} /> : null}
        {(ids ?? []).map((id) => (
          <input type="hidden" name="ids" value={id} />
        ))}
        {isAll ? <input type="hidden" name="all" value="true" /> : null}
        <button type="submit" class={act === "drop" ? "is-strong wrong" : "is-strong"}>
          {name}
        </button>{" "}
        <a class="button" href="/operations">
          Leave it
        </a>
      </form>
    </section>
  );
}
