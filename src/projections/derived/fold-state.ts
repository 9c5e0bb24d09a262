import type { Sql } from "../../database/connect.ts";
import type { Touched } from "../tables/touched.ts";
import type { Step } from "./event-past.ts";
import type { Watches } from "./sold-out-changes.ts";
import { nextFacts } from "./windows.ts";

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
  /** The oldest instant of what is known otherwise; null for the whole past. */
  since: Date | null;
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
  const rows = await sql<(Kept & { eventId: string } & Omit<Start, "state" | "since">)[]>`
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
  return touched.map(({ eventId, since }) => {
    const row = found.get(eventId);
    return {
      since,
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

/** A state that is kept behind one of the steps, or behind all of them. */
export interface KeptState extends FoldState {
  after: Date;
  /** It is for what comes late behind others, and gives way to a newer one that is. */
  isBehind: boolean;
}

/** A place among the steps that a state is kept of. */
export interface Place extends Pick<KeptState, "steps" | "isBehind"> {
  step: Step;
}

interface PlacesOptions extends Pick<FoldState, "steps"> {
  /** What is known otherwise since when; null for the whole past. */
  since: Date | null;
  staysAfter: number;
  /** So many steps are many. */
  nearWithin: number;
}

/**
 * Of which steps but the last one states are kept: of those that stay, and where it went through many
 * before it came to what is new, of the one before that. Where one flow type runs behind the other, its
 * next fact comes there too.
 */
export function placesIn(
  steps: readonly Step[],
  { since, staysAfter, nearWithin, steps: before }: PlacesOptions,
): { places: Place[]; steps: number } {
  const places: Place[] = [];
  let count = before >= staysAfter ? 0 : before;
  for (const [index, step] of steps.entries()) {
    count += 1;
    const next = steps[index + 1];
    if (!next) break;
    const isStaying = count >= staysAfter;
    const isBehind = index >= nearWithin && since !== null && step.at < since && next.at >= since;
    if (isStaying || isBehind) places.push({ step, steps: count, isBehind });
    if (isStaying) count = 0;
  }
  return { places, steps: count };
}

/**
 * Keeps where the folding came to. The one before it stays too, for parts of a count and whatever else
 * comes a little late; older ones give way but for those that stay, and for those that are behind others as
 * long as nothing newer came there. It is sent at once.
 */
export async function keepFoldStates(
  sql: Sql,
  moved: readonly { from: FoldState; states: readonly KeptState[] }[],
  staysAfter: number,
): Promise<void> {
  if (moved.length === 0) return;
  const rows = moved.map(({ from: { eventId, after }, states }) => ({
    event_id: eventId,
    after: after ?? "-infinity",
    is_behind: states.some(({ isBehind }) => isBehind),
    states: states.map(({ after: at, steps, watches, isBehind }) => {
      return { at, steps, watches, is_behind: isBehind };
    }),
  }));
  await sql`
    with moved as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as moved (
        event_id text, after timestamptz, is_behind boolean, states jsonb
      )
    ), kept as materialized (
      select moved.event_id, state.* from moved
      cross join lateral jsonb_to_recordset(states) as state (
        at timestamptz, steps integer, watches jsonb, is_behind boolean
      )
    ), forgotten as (
      delete from change_fold using moved
      where change_fold.event_id = moved.event_id
        and (
          change_fold.at > moved.after
          or (
            change_fold.at < moved.after and change_fold.steps < ${staysAfter}
            and change_fold.is_behind = moved.is_behind
          )
        )
        and not exists (
          select from kept where kept.event_id = change_fold.event_id and kept.at = change_fold.at
        )
    )
    insert into change_fold (event_id, at, steps, watches, is_behind)
    select event_id, at, steps, watches, is_behind from kept
    on conflict (event_id, at) do update
    set steps = excluded.steps, watches = excluded.watches, is_behind = excluded.is_behind
    where change_fold is distinct from excluded
  `.execute();
}
