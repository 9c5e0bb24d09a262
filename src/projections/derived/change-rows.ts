import type { Sql } from "../../database/connect.ts";
import type { ChangeKey } from "../tables/change-news.ts";
import { columns, namesOf, typesOf } from "../tables/table-columns.ts";
import { changeIdOf, identityOf, type KeptChange } from "./change-id.ts";
import type { FoundChange } from "./found-change.ts";

const changeColumns = columns({
  event_id: "text",
  changed_at: "timestamptz",
  sequence: "integer",
  origin_at: "timestamptz",
  account: "text",
  change_type: "text",
  severity: "text",
  field: "text",
  previous_value: "jsonb",
  new_value: "jsonb",
  is_instant: "boolean",
  source: "text",
  change_id: "text",
  subject_id: "text",
  subject_name: "text",
  currency: "text",
});

/** What was found of an event behind an instant; null is the beginning. */
export interface FoundChanges {
  eventId: string;
  /** The event's, as it is described last. */
  account: string;
  changes: readonly FoundChange[];
}

/** Behind it an event's changes are found anew; null is the beginning. */
interface Start {
  eventId: string;
  after: Date | null;
}

/** What was found behind these instants gives way to what is found now. Returns what gave way. */
export async function deleteChanges(sql: Sql, starts: readonly Start[]): Promise<ChangeKey[]> {
  // Each by itself: only then does PostgreSQL know how few of an event's changes are that new.
  const gone = await Promise.all(
    starts.map(
      ({ eventId, after }) => sql<ChangeKey[]>`
        delete from event_change
        where event_id = ${eventId} and origin_at > ${textOf(after)}::text::timestamptz
        returning event_id, changed_at, change_type, field, previous_value, new_value
      `,
    ),
  );
  return gone.flat();
}

const textOf = (after: Date | null) => after?.toISOString() ?? "-infinity";

/**
 * Writes what was found. Several changes of one instant, which may have been found at different places
 * of the history, are numbered in an order that only they themselves say.
 */
export async function writeChanges(sql: Sql, found: readonly FoundChanges[]): Promise<void> {
  const some = found.filter(({ changes }) => changes.length > 0);
  if (some.length === 0) return;
  const besides = await takeOfSameInstants(sql, some);
  const rows = some.flatMap(({ eventId, account, changes }) => {
    const all = [...changes, ...besides(eventId)];
    const instants = Map.groupBy(all, ({ changedAt }) => changedAt.getTime());
    return [...instants.values()].flatMap((ofOne) => {
      const idOf = idsOfOne(eventId);
      return ofOne
        .map((change) => ({ change, key: sortKey(change) }))
        .sort((one, other) => (one.key < other.key ? -1 : 1))
        .map(({ change }, sequence) => ({
          event_id: eventId,
          account,
          sequence,
          change_id: idOf(change),
          ...of(change),
        }));
    });
  });
  await sql`
    insert into event_change (${namesOf(sql, changeColumns)})
    select ${namesOf(sql, changeColumns)}
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as new (
      ${typesOf(sql, changeColumns)}
    )
  `;
}

/** The rows of an event are all of the account that it is described in last. */
export async function moveAccounts(sql: Sql, accountOf: ReadonlyMap<string, string>) {
  if (accountOf.size === 0) return;
  await sql`
    update event_change set account = moved.account
    from jsonb_to_recordset(${JSON.stringify(
      [...accountOf].map(([eventId, account]) => ({ event_id: eventId, account })),
    )}::text::jsonb) as moved (event_id text, account text)
    where event_change.event_id = moved.event_id and event_change.account <> moved.account
  `;
}

/** What stands at the instants of what was found is numbered anew with it. */
async function takeOfSameInstants(sql: Sql, found: readonly FoundChanges[]) {
  const instants = found.flatMap(({ eventId, changes }) =>
    [...new Set(changes.map(({ changedAt }) => changedAt.toISOString()))].map((at) => ({
      event_id: eventId,
      changed_at: at,
    })),
  );
  const rows = await sql<(KeptChange & { eventId: string })[]>`
    delete from event_change
    using unnest(
      ${instants.map(({ event_id }) => event_id)}::text[],
      ${instants.map(({ changed_at }) => changed_at)}::timestamptz[]
    ) as found (event_id, changed_at)
    where event_change.event_id = found.event_id
      and event_change.changed_at = found.changed_at
    returning event_change.*
  `;
  const byEvent = Map.groupBy(rows, ({ eventId }) => eventId);
  return (eventId: string) => byEvent.get(eventId) ?? [];
}

/** Of the changes of one instant. */
function idsOfOne(eventId: string) {
  const times = new Map<string, number>();
  return (change: KeptChange) => {
    const identity = identityOf(eventId, change);
    const nth = times.get(identity) ?? 0;
    times.set(identity, nth + 1);
    return changeIdOf(identity, nth);
  };
}

const of = (change: KeptChange) => ({
  changed_at: change.changedAt,
  origin_at: change.originAt,
  change_type: change.changeType,
  severity: change.severity,
  field: change.field,
  previous_value: change.previousValue,
  new_value: change.newValue,
  is_instant: change.isInstant,
  source: change.source,
  subject_id: change.subjectId,
  subject_name: change.subjectName,
  currency: change.currency,
});

const sortKey = ({ changeType, field, previousValue, newValue, ...rest }: KeptChange) =>
  [
    changeType,
    field,
    JSON.stringify([previousValue, newValue]),
    // Of what is alike for people some come first all the same, in whatever order they were found.
    ...[rest.originAt.toISOString(), rest.source, rest.severity, rest.subjectId],
  ].join("\u0001");
