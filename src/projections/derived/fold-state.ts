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
}

/** The newest state of each event that nothing of what was touched is in. It is asked for at once. */
export async function readStarts(
  sql: Sql,
  touched: readonly Touched[],
  facts: number,
): Promise<Start[]> {
  const rows = await sql<(Kept & { eventId: string; until: Date | null })[]>`
    select event_id, past.at, steps, watches, least(counted.at, described.at) as until
    from (
      select touched.event_id, state.*, coalesce(state.at, '-infinity') as after
      from jsonb_to_recordset(${JSON.stringify(
        touched.map(({ eventId, since }) => ({ event_id: eventId, since })),
      )}::text::jsonb) as touched (event_id text, since timestamptz)
      left join lateral (
        select at, steps, watches from change_fold f
        where f.event_id = touched.event_id and at < touched.since
        order by at desc limit 1
      ) state on true
    ) past
    ${nextFacts(sql, facts)}
  `.execute();
  const found = new Map(rows.map((row) => [row.eventId, row]));
  return touched.map(({ eventId }) => {
    const { at = null, steps, watches, until = null } = found.get(eventId) ?? {};
    return {
      state: { eventId, after: at, steps: steps ?? 0, watches: watches ?? {} },
      until,
    };
  });
}

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
 * comes a little late; older ones give way but for those that stay.
 */
export async function keepFoldStates(
  sql: Sql,
  moved: readonly { from: FoldState; to: FoldState | undefined }[],
  staysAfter: number,
): Promise<void> {
  if (moved.length === 0) return;
  const starts = moved.map(({ from: { eventId, after } }) => ({
    event_id: eventId,
    after: after ?? "-infinity",
  }));
  const forget = sql`
    delete from change_fold
    using jsonb_to_recordset(${JSON.stringify(starts)}::text::jsonb) as start (
      event_id text, after timestamptz
    )
    where change_fold.event_id = start.event_id
      and (at > start.after or (at < start.after and steps < ${staysAfter}))
  `;
  const kept = moved.flatMap(({ to }) => (to ? { ...to, text: JSON.stringify(to.watches) } : []));
  const isLong = ({ text }: { text: string }) => text.length > MOST_IN_LIST;
  const { short = [], long = [] } = Object.groupBy(kept, (one) => (isLong(one) ? "long" : "short"));
  await Promise.all([
    forget,
    short.length > 0 && keep(sql, short),
    ...long.map((one) => keep(sql, [one])),
  ]);
}

/** A list of texts is parsed before they are: longer ones are cheaper one by one. */
const MOST_IN_LIST = 1_000;

const keep = (sql: Sql, states: readonly (FoldState & { text: string })[]) => sql`
  insert into change_fold (event_id, at, steps, watches)
  select event_id, at, steps, watches::jsonb
  from unnest(
    ${states.map(({ eventId }) => eventId)}::text[],
    ${states.map(({ after }) => after?.toISOString() ?? null)}::text[]::timestamptz[],
    ${states.map(({ steps }) => steps)}::int[],
    ${states.map(({ text }) => text)}::text[]
  ) as new (event_id, at, steps, watches)
`;
