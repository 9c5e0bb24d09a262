import type { Sql } from "../../database/connect.ts";
import type { Touched } from "../tables/touched.ts";
import { nextFacts } from "./event-past.ts";
import type { Watches } from "./sold-out-changes.ts";

/** From where an event's past is gone through. */
export interface FoldState {
  eventId: string;
  /** Null for the beginning. */
  after: Date | null;
  /** Since the last state that stays. */
  steps: number;
  watches: Watches;
}

/** Where the first stretch of an event's past begins, and where so many facts of it end. */
export interface Start {
  state: FoldState;
  /** Null where there are fewer. */
  until: Date | null;
  /** Whose the event's changes are said to be; null where there are none. */
  toldOf: string | null;
  /** Whether there are changes behind the state. */
  isTold: boolean;
}

/** The newest state of each event that nothing of what was touched is in. It is asked for at once. */
export async function readStarts(
  sql: Sql,
  touched: readonly Touched[],
  facts: number,
): Promise<Start[]> {
  const rows = await sql<(Kept & { eventId: string } & Omit<Start, "state">)[]>`
    select event_id, past.at, steps, watches, least(counted.at, described.at) as until, (
      select account from event_change first where first.event_id = past.event_id
      order by changed_at, sequence limit 1
    ) as told_of, exists (
      select from event_change told where told.event_id = past.event_id and told.origin_at > past.after
    ) as is_told
    from (
      select touched.event_id, state.*, coalesce(state.at, '-infinity') as after
      from ${touchedOf(sql, touched)} left join lateral ${stateOf(sql)} on true
    ) past
    ${nextFacts(sql, facts)}
  `.execute();
  const found = new Map(rows.map((row) => [row.eventId, row]));
  return touched.map(({ eventId }) => {
    const row = found.get(eventId);
    return {
      state: {
        eventId,
        after: row?.at ?? null,
        steps: row?.steps ?? 0,
        watches: row?.watches ?? {},
      },
      until: row?.until ?? null,
      toldOf: row?.toldOf ?? null,
      isTold: row?.isTold ?? false,
    };
  });
}

/** Behind the newest fact's place in the past there are seldom more. */
const FEW = 20;

/**
 * The windows from these states to the end, as a table `past`; none of events that have no state, or many
 * facts behind it.
 */
export const newestWindows = (sql: Sql, touched: readonly Touched[]) => sql`(
  select event_id, after, until
  from (
    select touched.event_id, state.at as after, 'infinity'::timestamptz as until
    from ${touchedOf(sql, touched)} cross join lateral ${stateOf(sql)}
  ) past
  ${nextFacts(sql, FEW)}
  where counted.at is null and described.at is null
) past`;

const touchedOf = (sql: Sql, touched: readonly Touched[]) => sql`
  jsonb_to_recordset(${JSON.stringify(
    touched.map(({ eventId, since }) => ({ event_id: eventId, since })),
  )}::text::jsonb) as touched (event_id text, since timestamptz)
`;

const stateOf = (sql: Sql) => sql`(
  select at, steps, watches from change_fold f
  where f.event_id = touched.event_id and at < touched.since
  order by at desc limit 1
) state`;

interface Kept {
  /** The three are null where there is no state. */
  at: Date | null;
  steps: number | null;
  watches: Watches | null;
}

/** What goes on from here, so many steps later. */
export const stateAfter = (
  { eventId, steps }: FoldState,
  went: { at: Date; took: number; watches: Watches; staysAfter: number },
): FoldState => ({
  eventId,
  after: went.at,
  watches: went.watches,
  steps: steps >= went.staysAfter ? went.took : steps + went.took,
});

/**
 * Keeps where the folding came to. The one before it stays too, for parts of a count and whatever else
 * comes a little late; older ones give way but for those that stay. It is sent at once.
 */
export async function keepFoldStates(
  sql: Sql,
  moved: readonly { from: FoldState; to: FoldState | undefined }[],
  staysAfter: number,
): Promise<void> {
  if (moved.length === 0) return;
  const states = moved.map(({ from: { eventId, after }, to }) => ({
    event_id: eventId,
    after: after ?? "-infinity",
    ...(to && { at: to.after, steps: to.steps, watches: to.watches }),
  }));
  await sql`
    with moved as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(states)}::text::jsonb) as moved (
        event_id text, after timestamptz, at timestamptz, steps integer, watches jsonb
      )
    ), forgotten as (
      delete from change_fold using moved
      where change_fold.event_id = moved.event_id and change_fold.at is distinct from moved.at
        and (
          change_fold.at > moved.after
          or (change_fold.at < moved.after and change_fold.steps < ${staysAfter})
        )
    )
    insert into change_fold (event_id, at, steps, watches)
    select event_id, at, steps, watches from moved where at is not null
    on conflict (event_id, at) do update set steps = excluded.steps, watches = excluded.watches
    where change_fold is distinct from excluded
  `.execute();
}
