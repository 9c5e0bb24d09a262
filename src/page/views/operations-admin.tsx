import type { AdminAction, Operations } from "../../api/operation/operations.ts";
import type { Look } from "../look.ts";
import { as } from "../roles.ts";
import { counted, moment, regionName, shortMoment } from "../words.ts";
import { actWords, confirmHref } from "./operations-acts.tsx";

interface Props {
  look: Look;
  operations: Operations;
}

/** What could not be worked on, and what can be done about it. */
export const DeadLetters = ({ look, operations: { deadLetters } }: Props) =>
  deadLetters.length === 0 ? null : (
    <section aria-labelledby="letters-title">
      <h2 id="letters-title">Not worked on</h2>
      <table class="list letters" {...as.table}>
        <caption class="unseen">Dead letters and what is failing</caption>
        <Head names={["Since", "Region", "What", "Why", "Do"]} />
        <tbody {...as.rowGroup}>
          {deadLetters.map(({ id, at, account, type, reason, state, failures }) => (
            <tr id={`letter-${id}`} {...as.row}>
              <At look={look} at={at} />
              <td {...as.cell}>{account === null ? "" : regionName(account)}</td>
              <td {...as.cell}>{type}</td>
              <td {...as.cell}>
                <b class="attention">{state === "dead" ? "set aside" : "tried again"}</b>
                {`: ${reason} (${counted(failures, "try", "tries")})`}
              </td>
              <td class="acts" {...as.cell}>
                <a href={confirmHref(look, { act: "retry", ids: id })}>Try again…</a>{" "}
                <a href={confirmHref(look, { act: "drop", ids: id })}>Drop…</a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );

/** What came lately, and what came of it. */
export const Webhooks = ({ look, operations: { webhooks } }: Props) => (
  <section aria-labelledby="webhooks-title">
    <h2 id="webhooks-title">Webhooks of events lately</h2>
    {webhooks.length === 0 ? (
      <p class="muted">
        None came yet. Those of tickets lead to a count, and what they say is not stored.
      </p>
    ) : (
      <WebhookTable {...{ look, webhooks }} />
    )}
  </section>
);

const WebhookTable = ({ look, webhooks }: { look: Look; webhooks: Operations["webhooks"] }) => (
  <table class="list webhooks" {...as.table}>
    <caption class="unseen">The newest webhooks</caption>
    <Head names={["At", "Region", "What", "Came to", "Do"]} />
    <tbody {...as.rowGroup}>
      {webhooks.map(({ id, receivedAt, account, type, translatedAt, isStored }) => (
        <tr id={`webhook-${id}`} {...as.row}>
          <At look={look} at={receivedAt} />
          <td {...as.cell}>{account === null ? "" : regionName(account)}</td>
          <td {...as.cell}>{type}</td>
          <td class={translatedAt ? "muted" : undefined} {...as.cell}>
            {translatedAt ? "worked on" : "waits"}
          </td>
          <td class="acts" {...as.cell}>
            {isStored ? (
              <a href={confirmHref(look, { act: "deliver", ids: id })}>Deliver again…</a>
            ) : (
              <span class="muted">not stored any more</span>
            )}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

const Head = ({ names }: { names: readonly string[] }) => (
  <thead {...as.rowGroup}>
    <tr {...as.row}>
      {names.map((name) => (
        <th scope="col" class={name === "Do" ? "acts" : undefined} {...as.columnHeader}>
          {name}
        </th>
      ))}
    </tr>
  </thead>
);

const At = ({ look, at }: { look: Look; at: string }) => (
  <td class="at" {...as.cell}>
    <time datetime={at} title={moment(new Date(at), look.zone)}>
      {shortMoment(new Date(at), look.now, look.zone)}
    </time>
  </td>
);

/** Who did what, and how it ended. */
export const Done = ({ look, operations: { actions } }: Props) => (
  <section aria-labelledby="done-title">
    <h2 id="done-title">Done lately</h2>
    {actions.length === 0 ? <p class="muted">Nothing yet.</p> : null}
    <ul class="done">
      {actions.map((action) => (
        <li id={`act-${action.id}`}>
          <time datetime={action.askedAt}>
            {shortMoment(new Date(action.askedAt), look.now, look.zone)}
          </time>
          <span>{`${actWords(action.act)}${subjectWords(action)}`}</span>
          <span class="muted">{action.by}</span>
          <span class={action.state === "failed" ? "attention" : "muted"}>{action.state}</span>
          {action.result && action.result.length > 0 ? (
            <details id={`act-${action.id}-result`}>
              <summary>What came of it</summary>
              <pre>{action.result.join("\n")}</pre>
            </details>
          ) : null}
        </li>
      ))}
    </ul>
  </section>
);

function subjectWords({ subject: { region, ids } }: AdminAction): string {
  if (region) return `, ${region}`;
  return ids ? `, ${ids.length === 1 ? ids[0] : ids.length}` : "";
}
