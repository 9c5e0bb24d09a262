import type { Pool } from "../database/connect.ts";
import type { Clock } from "../lib/clock.ts";
import { Failure } from "../lib/failure.ts";
import type { Budget } from "../vivenu/budget.ts";

const MINUTE_MS = 60_000;

export interface BudgetOptions {
  sql: Pool;
  account: string;
  perHour: number;
  perMinute: number;
  clock: Clock;
}

/** One account's budget of requests in PostgreSQL, so that every process of ours draws on the same. */
export function sharedBudget({ sql, account, perHour, perMinute, clock }: BudgetOptions): Budget {
  return {
    async take(signal) {
      while (!(await tryTake())) {
        const now = clock.now().getTime();
        await clock.pause(MINUTE_MS - (now % MINUTE_MS), signal);
        if (signal?.aborted) throw new Failure("unavailable", `stopped before asking ${account}`);
      }
    },
  };

  /** Requests are known by their minutes; one that is partly older than an hour counts whole. */
  function tryTake(): Promise<boolean> {
    const now = clock.now();
    return sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended(${`budget ${account}`}, 0))`;
      const [used] = await tx<{ minute: number; hour: number }[]>`
        select
          coalesce(sum(requests) filter (where minute = date_trunc('minute', ${now}::timestamptz)), 0)::int as minute,
          coalesce(sum(requests), 0)::int as hour
        from request_budget
        where account = ${account} and minute > ${now}::timestamptz - interval '61 minutes'
      `;
      if (!used || used.minute >= perMinute || used.hour >= perHour) return false;
      await tx`
        insert into request_budget (account, minute, requests)
        values (${account}, date_trunc('minute', ${now}::timestamptz), 1)
        on conflict (account, minute) do update set requests = request_budget.requests + 1
      `;
      if (used.minute === 0)
        await tx`
          delete from request_budget
          where account = ${account} and minute < ${now}::timestamptz - interval '2 hours'
        `;
      return true;
    });
  }
}
