import type { Operations } from "../../api/operation/operations.ts";
import type { Status } from "../../api/operation/status.ts";
import { whole } from "../chart/numbers.ts";
import { ColumnHeads } from "../column-heads.tsx";
import type { Look } from "../look.ts";
import { as } from "../roles.ts";
import { length, moment, regionName, shortMoment } from "../words.ts";

const BUDGET = "Budget 1 h";
const columns = [
  "Region",
  "Looked",
  "Took",
  "Events",
  "Counted",
  "Requests",
  BUDGET,
  "Webhooks 24 h",
  "Says",
];
/** Of a budget: who needs the rest may have to wait. */
const SHORT = 0.9;
const TEXTS = ["Region", "Looked", "Says"];

interface AccountsProps {
  look: Look;
  accounts: Status["accounts"];
  /** Undefined for who is no admin. */
  budgets: Operations["budgets"] | undefined;
}

/** Each seller account: when it was read, what that took, and what it says. */
export const Accounts = ({ look, accounts, budgets }: AccountsProps) => (
  <section aria-labelledby="accounts-title">
    <h2 id="accounts-title">Accounts</h2>
    <table class="list accounts" {...as.table}>
      <caption class="unseen">Accounts, and how they were last read</caption>
      <ColumnHeads names={columns.filter((name) => budgets || name !== BUDGET)} texts={TEXTS} />
      <tbody {...as.rowGroup}>
        {accounts.map((account) => (
          <Account
            {...{ look, account }}
            budget={budgets?.find(({ region }) => region === account.region)}
            hasBudgets={budgets !== undefined}
          />
        ))}
      </tbody>
    </table>
  </section>
);

interface AccountProps extends Pick<AccountsProps, "look"> {
  account: Status["accounts"][number];
  budget: Operations["budgets"][number] | undefined;
  hasBudgets: boolean;
}

function Account({ look, account, budget, hasBudgets }: AccountProps) {
  const { region, lastPoll, webhooks, failures, lastPollAt } = account;
  const isWell = lastPoll?.complete ?? false;
  const received = (webhooks.lastDay.accepted ?? 0) + (webhooks.lastDay.repeated ?? 0);
  const numbers: [name: string, value: number | undefined, unit: string][] = [
    ["eventsRead", lastPoll?.eventsRead, "events"],
    ["eventsCounted", lastPoll?.eventsCounted, "counted"],
    ["requests", lastPoll?.requests, "requests"],
  ];
  const isShort = budget !== undefined && budget.requestsLastHour >= SHORT * budget.perHour;
  return (
    <tr id={`account-${region}`} {...as.row}>
      <th scope="row" class="event" {...as.rowHeader}>
        <span class={isWell ? "dot is-live" : "dot is-wrong"} /> {regionName(region)}
      </th>
      <td class="at" {...as.cell}>
        {lastPollAt ? (
          <time datetime={lastPollAt} title={moment(new Date(lastPollAt), look.zone)}>
            {shortMoment(new Date(lastPollAt), look.now, look.zone)}
          </time>
        ) : (
          <span class="muted">not yet</span>
        )}
      </td>
      <td class="number" {...as.cell}>
        {lastPoll ? tookWords(lastPoll.seconds) : ""}
      </td>
      {numbers.map(([name, value, unit]) => (
        <td class="number" {...as.cell}>
          <span data-field={name}>{value === undefined ? "" : whole(value)}</span>
          {value === undefined ? null : <span class="unit"> {unit}</span>}
        </td>
      ))}
      {hasBudgets ? (
        <td class={isShort ? "number attention" : "number"} {...as.cell}>
          {budget ? `${whole(budget.requestsLastHour)} of ${whole(budget.perHour)}` : ""}
          <span class="unit"> in the last hour</span>
        </td>
      ) : null}
      <td class="number" {...as.cell}>
        <span data-field="webhooks">{whole(received)}</span>
        <span class="unit"> webhooks</span>
      </td>
      <td class={failures.length > 0 ? "says attention" : "says muted"} {...as.cell}>
        {saidBy(account)}
      </td>
    </tr>
  );
}

const tookWords = (seconds: number) =>
  seconds < 60 ? `${Math.round(seconds)} s` : length(seconds * 1_000);

function saidBy({ failures, lastPoll }: Status["accounts"][number]): string {
  const [first, ...others] = failures;
  if (!first) return lastPoll?.complete ? "complete" : lastPoll ? "not complete" : "";
  const more = others.length > 0 ? `, and ${others.length} more` : "";
  return `${first.eventId ? `event ${first.eventId}: ` : ""}${first.reason}${more}`;
}
