import type { Sql } from "../../database/connect.ts";
import { knownZone } from "../../lib/zones.ts";
import type { ChangedValue } from "../../rules/description-changes.ts";
import type { ChangePlace, ChangeRow, ChangesWanted, Page } from "./row-types.ts";

const EARLIEST_MS = Date.parse("0001-01-01T00:00:00Z");
const LATEST_MS = Date.parse("9999-12-31T23:59:59Z");

/** Whoever asks may name an instant of a year that PostgreSQL is not written: nothing lies beyond these. */
const askable = (at: Date | number) =>
  new Date(Math.min(Math.max(Number(at), EARLIEST_MS), LATEST_MS));

/** Newest first; those of one instant by their event, and in the order that they are numbered in. */
export async function readChanges(
  sql: Sql,
  wanted: ChangesWanted,
): Promise<Page<ChangeRow, ChangePlace>> {
  const { limit, after, region, eventId, since, until, severity, changeType, within } = wanted;
  const found = await sql<ChangeColumns[]>`
    ${changesIn(sql)}
    where true
      ${eventId === undefined ? sql`` : sql`and change.event_id = ${eventId}`}
      ${region === undefined ? sql`` : sql`and change.account = ${region}`}
      ${within?.regions === undefined ? sql`` : sql`and change.account = any(${[...within.regions]}::text[])`}
      ${within?.eventIds === undefined ? sql`` : sql`and change.event_id = any(${[...within.eventIds]}::text[])`}
      ${severity === undefined ? sql`` : sql`and severity = ${severity}`}
      ${changeType === undefined ? sql`` : sql`and change_type = ${changeType}`}
      ${since === undefined ? sql`` : sql`and change.changed_at >= ${askable(since)}`}
      ${until === undefined ? sql`` : sql`and change.changed_at < ${askable(until)}`}
      ${
        after
          ? sql`and change.changed_at <= ${askable(after[0])} and (
              change.changed_at < ${askable(after[0])}
              or (change.event_id, sequence) > (${after[1]}, ${after[2]})
            )`
          : sql``
      }
    order by change.changed_at desc, change.event_id, sequence
    limit ${limit + 1}
  `;
  const last = found.length > limit ? found[limit - 1] : undefined;
  return {
    rows: found.slice(0, limit).map(rowOf),
    next: last ? [last.changedAt.getTime(), last.eventId, last.sequence] : null,
  };
}

/** The newest so many, oldest first. */
export async function readNewestChanges(
  sql: Sql,
  { limit }: { limit: number },
): Promise<ChangeRow[]> {
  const found = await sql<ChangeColumns[]>`
    ${changesIn(sql)}
    order by change.changed_at desc, change.event_id desc, sequence desc
    limit ${limit}
  `;
  return found.reverse().map(rowOf);
}

/** Changes by what tells them from others, each by the name of the place that it is wanted for. */
export async function changesBy(
  sql: Sql,
  wanted: readonly { place: string }[],
): Promise<Map<string, ChangeRow>> {
  const found = await sql<(ChangeColumns & { place: string })[]>`
    select wanted.place, found.*
    from jsonb_to_recordset(${JSON.stringify(wanted)}::text::jsonb) as wanted (
      place text, "eventId" text, "changedAt" timestamptz, "changeType" text, field text,
      "previousValue" jsonb, "newValue" jsonb
    )
    cross join lateral (
      ${changesIn(sql)}
      where change.event_id = wanted."eventId" and change.changed_at = wanted."changedAt"
        and change_type = wanted."changeType" and field = wanted.field
        and previous_value is not distinct from wanted."previousValue"
        and new_value is not distinct from wanted."newValue"
      limit 1
    ) found
  `;
  return new Map(found.map(({ place, ...change }) => [place, rowOf(change)]));
}

/** What an event is called and where it is are as it is described last. */
const changesIn = (sql: Sql) => sql`
  select
    change.event_id, event.name as event_name, change.account as region, event.timezone,
    change_type, field, previous_value, new_value, is_instant, change.changed_at, sequence, source,
    severity
  from event_change change
  join event on event.event_id = change.event_id
`;

interface ChangeColumns {
  eventId: string;
  eventName: string;
  region: string;
  timezone: string | null;
  changeType: ChangeRow["changeType"];
  field: string;
  previousValue: ChangedValue;
  newValue: ChangedValue;
  isInstant: boolean;
  changedAt: Date;
  sequence: number;
  source: string;
  severity: ChangeRow["severity"];
}

function rowOf({
  sequence: _,
  isInstant,
  timezone,
  changedAt,
  ...change
}: ChangeColumns): ChangeRow {
  const cell = (value: ChangedValue) => ({ value, isInstant: isInstant && value !== null });
  return {
    ...change,
    timezone: knownZone(timezone),
    previousValue: cell(change.previousValue),
    newValue: cell(change.newValue),
    changedAt: changedAt.toISOString(),
  };
}
