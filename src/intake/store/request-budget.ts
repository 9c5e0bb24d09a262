import type { Pool } from "../../database/connect.ts";
import type { Clock } from "../../lib/clock.ts";
import { Failure } from "../../lib/failure.ts";
import { waitTelling } from "../../lib/waiting.ts";
import type { Budget } from "../../vivenu/budget.ts";
import { lockBudget } from "./locks.ts";

const MINUTE_MS = 60_000;

/** What requests are made for, the most urgent first. */
const priorities = ["launch", "recount", "nightly"] as const;
export type Priority = (typeof priorities)[number];

/**
 * Of a budget, what is kept free for each as long as it has not used it itself. So nothing starves,
 * and a launch finds what it needs also where a nightly count ran just before.
 */
const reserved: Record<Priority, number> = { launch: 0.3, recount: 0.1, nightly: 0.2 };

export interface BudgetOptions {
  sql: Pool;
  account: string;
  perHour: number;
  perMinute: number;
  clock: Clock;
  /** Told now and then while a request waits for its turn. */
  onWaiting?: () => void;
  /** What the requests are for; left out, they may use all that is left. */
  priority?: Priority;
}

/** One account's budget of requests in PostgreSQL, so that every process of ours draws on the same. */
export function sharedBudget(options: BudgetOptions): Budget {
  const { sql, account, perHour, perMinute, clock, priority, onWaiting } = options;

  return {
    async take(signal) {
      while (!(await tryTake())) {
        const now = clock.now().getTime();
        await waitTelling(clock, MINUTE_MS - (now % MINUTE_MS), { signal, onWaiting });
        if (signal?.aborted) throw new Failure("unavailable", `stopped before asking ${account}`);
      }
    },
  };

  /** Requests are known by their minutes; one that is partly older than an hour counts whole. */
  function tryTake(): Promise<boolean> {
    const now = clock.now();
    return sql.begin(async (tx) => {
      await lockBudget(tx, account);
      const minutes = await tx<(Used & { current: boolean })[]>`
        select
          minute = date_trunc('minute', ${now}::timestamptz) as current,
          requests - launch - hint as nightly, launch, hint as recount
        from request_budget
        where account = ${account} and minute > ${now}::timestamptz - interval '61 minutes'
      `;
      const inMinute = minutes.filter(({ current }) => current);
      if (!isFree(inMinute, perMinute, priority) || !isFree(minutes, perHour, priority))
        return false;
      await tx`
        insert into request_budget (account, minute, requests, launch, hint)
        values (
          ${account}, date_trunc('minute', ${now}::timestamptz), 1,
          ${priority === "launch" ? 1 : 0}, ${priority === "recount" ? 1 : 0}
        )
        on conflict (account, minute) do update set
          requests = request_budget.requests + excluded.requests,
          launch   = request_budget.launch + excluded.launch,
          hint     = request_budget.hint + excluded.hint
      `;
      if (inMinute.length === 0)
        await tx`
          delete from request_budget
          where account = ${account} and minute < ${now}::timestamptz - interval '2 hours'
        `;
      return true;
    });
  }
}

type Used = Record<Priority, number>;

/** Whether one more fits into what is left, without what is kept free for the others. */
function isFree(used: readonly Used[], limit: number, priority: Priority | undefined) {
  const usedFor = (name: Priority) => used.reduce((sum, minute) => sum + minute[name], 0);
  const total = priorities.reduce((sum, name) => sum + usedFor(name), 0);
  const kept = priorities
    .filter((name) => priority !== undefined && name !== priority)
    .reduce(
      (sum, name) => sum + Math.max(0, Math.floor(limit * reserved[name]) - usedFor(name)),
      0,
    );
  return total + kept < limit;
}

export interface HourOfRequests {
  requests: number;
  /** Whether a daily poll may ask once more; the rest is kept for launches and recounts. */
  isLeftForPolls: boolean;
}

/** What each account asked in the last hour, and whether that leaves something for its daily poll. */
export async function readHourOfRequests(
  sql: Pool,
  at: Date,
  perHour: number,
): Promise<Map<string, HourOfRequests>> {
  const rows = await sql<(Used & { account: string; requests: number })[]>`
    select
      account, sum(requests)::int as requests, sum(launch)::int as launch, sum(hint)::int as recount,
      sum(requests - launch - hint)::int as nightly
    from request_budget
    where minute > ${at}::timestamptz - interval '61 minutes'
    group by account
  `;
  return new Map(
    rows.map(({ account, requests, ...used }) => [
      account,
      { requests, isLeftForPolls: isFree([used], perHour, "nightly") },
    ]),
  );
}

/** Requests of the last hour, by account. */
export async function readRequestsOfHour(sql: Pool, at: Date): Promise<Map<string, number>> {
  const rows = await sql<{ account: string; requests: number }[]>`
    select account, sum(requests)::int as requests from request_budget
    where minute > ${at}::timestamptz - interval '61 minutes'
    group by account
  `;
  return new Map(rows.map(({ account, requests }) => [account, requests]));
}
