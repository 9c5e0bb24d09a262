import type { Sql } from "../../database/connect.ts";
import { knownZone } from "../../lib/zones.ts";
import { kindOfField } from "../../rules/changed-fields.ts";
import type { ChangedValue } from "../../rules/description-changes.ts";
import { changeFilters, changeId, isFirstCount, plainField } from "./change-filters.ts";
import type { ChangePlace, ChangeRow, ChangesWanted, Page } from "./row-types.ts";

/**
 * Newest first; those of one instant by their event, and by what says itself: one that becomes known late
 * of the same instant moves none of the others.
 */
export async function readChanges(
  sql: Sql,
  wanted: ChangesWanted,
): Promise<Page<ChangeRow, ChangePlace>> {
  const { limit } = wanted;
  const found = await sql<ChangeColumns[]>`
    ${changesIn(sql)}
    where ${changeFilters(sql, wanted)}
    order by change.changed_at desc, change.event_id, change.field collate "C", ${changeId(sql)}
    limit ${limit + 1}
  `;
  const last = found.length > limit ? found[limit - 1] : undefined;
  return {
    rows: found.slice(0, limit).map(rowOf),
    next: last ? [last.changedAt.getTime(), last.eventId, last.field, last.id] : null,
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
    severity, subject_id, subject_name, ${plainField(sql)} as field_name,
    ${isFirstCount(sql)} as is_first_count,
    case when ${plainField(sql)} = 'price' then coalesce(change.currency, event.currency) end as currency,
    ${changeId(sql)} as id
  from event_change change
  join event on event.event_id = change.event_id
`;

interface ChangeColumns {
  id: string;
  eventId: string;
  eventName: string;
  region: string;
  timezone: string | null;
  changeType: ChangeRow["changeType"];
  subjectId: string | null;
  subjectName: string | null;
  fieldName: string;
  field: string;
  previousValue: ChangedValue;
  newValue: ChangedValue;
  currency: string | null;
  isFirstCount: boolean;
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
    kind: kindOfField(change.fieldName),
    previousValue: cell(change.previousValue),
    newValue: cell(change.newValue),
    changedAt: changedAt.toISOString(),
  };
}
