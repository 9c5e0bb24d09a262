import type { PendingQuery } from "postgres";
import type { Sql } from "./connect.ts";

/**
 * - `failing`  it failed, and is tried again by itself
 * - `dead`     it is not tried any more: a person has to look
 * - `dropped`  a person decided that it is not wanted
 */
export const FAILING = "failing";
export const DEAD = "dead";
export const DROPPED = "dropped";
export type DeadLetterState = typeof FAILING | typeof DEAD | typeof DROPPED;

/** What could not be worked on, in whichever queue: never its content. */
export interface DeadLetter {
  /** `delivery-17`, `outbox-17`, or the id that a fact of the log has there. */
  id: string;
  account: string | null;
  /** Of the webhook or of the fact. */
  type: string;
  reason: string;
  /** When it failed for the first time, or was refused. */
  at: Date;
  failures: number;
  state: DeadLetterState;
}

/** Which: all, or those that are named; and no more than so many of the newest. */
export interface Wanted {
  ids?: readonly string[] | undefined;
  limit?: number | undefined;
  /** Of each account no more than so many of the newest: the flood of one hides no other's. */
  ofEach?: number | undefined;
  /** Those too that were dropped. */
  all?: boolean | undefined;
}

/**
 * How the letters of a queue are called: `outbox-17` by its number there. Their state is that of a row
 * with `refused_at` and `dropped_at`.
 */
export function lettersOf(queue: string) {
  const prefix = `${queue}-`;
  const form = new RegExp(`^${prefix}(\\d{1,18})$`);
  /** Undefined for any other name. */
  const numberOf = (id: string) => form.exec(id)?.[1];
  return {
    prefix,
    numberOf,
    numbersOf: (ids: readonly string[] = []) => ids.flatMap((id) => numberOf(id) ?? []),
    stateOf: (sql: Sql) => sql`
      case
        when dropped_at is not null then ${DROPPED}
        when refused_at is not null then ${DEAD}
        else ${FAILING}
      end
    `,
  };
}

/** Of a queue's letters, which are a query, the newest few of each account. */
export const newestOfEach = (sql: Sql, letters: PendingQuery<DeadLetter[]>, ofEach: number) => sql<
  DeadLetter[]
>`
  select id, account, type, reason, at, failures, state
  from (
    select letter.*, row_number() over (partition by account order by at desc, id desc) as nth
    from (${letters}) letter
  ) ranked
  where nth <= ${ofEach}
  order by at desc, id desc
`;

export const acts = ["retry", "release", "drop"] as const;
export type Act = (typeof acts)[number];

/** What somebody did with a dead letter, and what came of it. */
export interface ActDone {
  id: string;
  act: Act;
  outcome: string;
  reason: string | null;
  by: string;
  at: Date;
}

/** In the transaction of the act itself, so that there is none that is not written down. */
export async function recordActs(sql: Sql, done: readonly ActDone[]): Promise<void> {
  if (done.length === 0) return;
  await sql`
    insert into dead_letter_act (letter, act, outcome, reason, by_whom, acted_at)
    select id, act, outcome, reason, "by", at
    from jsonb_to_recordset(${JSON.stringify(done)}::text::jsonb) as new (
      id text, act text, outcome text, reason text, "by" text, at timestamptz
    )
  `;
}

/** Newest first. */
export const readActs = (sql: Sql, limit: number) => sql<ActDone[]>`
  select letter as id, act, outcome, reason, by_whom as "by", acted_at as at
  from dead_letter_act
  order by act_id desc
  limit ${limit}
`;

/** The newest act on each of these letters. */
export async function readLastActs(sql: Sql, ids: readonly string[]) {
  const rows = await sql<ActDone[]>`
    select distinct on (letter)
      letter as id, act, outcome, reason, by_whom as "by", acted_at as at
    from dead_letter_act
    where letter = any(${[...ids]}::text[])
    order by letter, act_id desc
  `;
  return new Map(rows.map((row) => [row.id, row]));
}
