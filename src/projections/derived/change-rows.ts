import type { Sql } from "../../database/connect.ts";
import { columns, namesOf, typesOf } from "../../database/table-columns.ts";
import type { ChangeKey } from "../tables/change-news.ts";
import { changeIdOf, identityOf, type KeptChange } from "./change-id.ts";
import type { FoundChange } from "./found-change.ts";
import type { Window } from "./windows.ts";

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

/** What was found in a window of an event's past. */
export interface FoundChanges extends Window {
  /** The event's, as it is described last. */
  account: string;
  changes: readonly FoundChange[];
}

/** A row as it is there. */
interface StandingChange extends NumberedChange {
  eventId: string;
  /** `changedAt` as PostgreSQL writes it, to the microsecond. */
  at: string;
}

interface NumberedChange extends KeptChange {
  sequence: number;
  /** Null of one that was found before there were ids. */
  changeId: string | null;
}

export type StandingChanges = ReadonlyMap<string, readonly StandingChange[]>;

/** Which changes are there now and were not, and the other way round. */
export interface Rewritten {
  gone: ChangeKey[];
  found: ChangeKey[];
}

/** What was found in these windows before. It is asked for at once. */
export async function readStanding(sql: Sql, windows: readonly Window[]): Promise<StandingChanges> {
  // Each by itself: only then does PostgreSQL know how few of an event's changes are that new.
  const asked = windows.map(({ eventId, after, until }) =>
    sql<StandingChange[]>`
      select change.*, changed_at::text as at from event_change change
      where event_id = ${eventId}
        and origin_at > ${after ?? "-infinity"}::timestamptz
        and origin_at <= ${until ?? "infinity"}::timestamptz
    `.execute(),
  );
  const rows = await Promise.all(asked);
  return Map.groupBy(rows.flat(), ({ eventId }) => eventId);
}

/**
 * Makes the rows what was found in each window, where `standing` is what they are. A row that says what
 * it is to say is not written: a fact that comes late costs what it makes otherwise.
 */
export async function rewriteChanges(
  sql: Sql,
  found: readonly FoundChanges[],
  standing: StandingChanges,
): Promise<Rewritten> {
  const otherwise = found.flatMap((one) => otherwiseIn(one, standing.get(one.eventId) ?? []));
  if (otherwise.length === 0) return { gone: [], found: [] };
  const standsAt = await readInstants(sql, otherwise);
  const gone: StandingChange[] = [];
  const written: object[] = [];
  for (const { eventId, account, after, until, at, changes } of otherwise) {
    const there = standsAt(eventId, at);
    const besides = there.filter(({ originAt }) => !isWithin({ after, until }, originAt));
    const wanted = numbered(eventId, [...changes, ...besides]);
    const thereBy = new Map(there.map((row) => [textOf(row), row]));
    for (const change of wanted) {
      if (thereBy.delete(textOf(change))) continue;
      written.push({ event_id: eventId, account, ...columnsOf(change) });
    }
    gone.push(...thereBy.values());
  }
  await Promise.all([
    gone.length > 0 && deleteRows(sql, gone),
    written.length > 0 && insertRows(sql, written),
  ]);
  return {
    gone: otherwise.flatMap(({ stood }) => stood),
    found: otherwise.flatMap(({ eventId, changes }) =>
      changes.map((change) => ({ ...change, eventId })),
    ),
  };
}

/** All changes of these events. */
export const deleteChanges = (sql: Sql, eventIds: readonly string[]): Promise<ChangeKey[]> =>
  sql<ChangeKey[]>`
    delete from event_change where event_id = any(${[...eventIds]}::text[])
    returning event_id, changed_at, change_type, field, previous_value, new_value
  `;

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

interface Instant extends FoundChanges {
  at: Date;
  /** What was found of this instant before. */
  stood: readonly StandingChange[];
}

/** The instants of which something else was found than what stands. */
function otherwiseIn(one: FoundChanges, standing: readonly StandingChange[]): Instant[] {
  const msOf = ({ changedAt }: KeptChange) => changedAt.getTime();
  const found = Map.groupBy(one.changes, msOf);
  const stands = Map.groupBy(standing, msOf);
  return [...new Set([...found.keys(), ...stands.keys()])].flatMap((ms) => {
    const [changes, stood] = [found.get(ms) ?? [], stands.get(ms) ?? []];
    const isOtherwise = stood.length !== changes.length || !isThere(one.eventId, changes, stood);
    return isOtherwise ? { ...one, at: new Date(ms), changes, stood } : [];
  });
}

/** Others of their instant, which were found elsewhere, have numbers behind theirs then, if there are any. */
function isThere(
  eventId: string,
  changes: readonly FoundChange[],
  stood: readonly StandingChange[],
) {
  const texts = new Set(stood.map(textOf));
  return numbered(eventId, changes).every((change) => texts.has(textOf(change)));
}

const isWithin = ({ after, until }: Pick<Window, "after" | "until">, at: Date) =>
  (after === null || at > after) && (until === null || at <= until);

/** All rows of these instants, also those that were found elsewhere in the history. */
async function readInstants(sql: Sql, instants: readonly Instant[]) {
  const rows = await sql<StandingChange[]>`
    select change.*, changed_at::text as at
    from unnest(
      ${instants.map(({ eventId }) => eventId)}::text[],
      ${instants.map(({ at }) => at.toISOString())}::timestamptz[]
    ) as wanted (event_id, at)
    join event_change change
      on change.event_id = wanted.event_id and change.changed_at = wanted.at
  `;
  const keyOf = (eventId: string, at: Date) => `${at.getTime()} ${eventId}`;
  const byInstant = Map.groupBy(rows, ({ eventId, changedAt }) => keyOf(eventId, changedAt));
  return (eventId: string, at: Date) => byInstant.get(keyOf(eventId, at)) ?? [];
}

const deleteRows = (sql: Sql, rows: readonly StandingChange[]) =>
  sql`
    delete from event_change
    using unnest(
      ${rows.map(({ eventId }) => eventId)}::text[],
      ${rows.map(({ at }) => at)}::timestamptz[],
      ${rows.map(({ sequence }) => sequence)}::integer[]
    ) as gone (event_id, changed_at, sequence)
    where event_change.event_id = gone.event_id
      and event_change.changed_at = gone.changed_at
      and event_change.sequence = gone.sequence
  `.execute();

const insertRows = (sql: Sql, rows: readonly object[]) =>
  sql`
    insert into event_change (${namesOf(sql, changeColumns)})
    select ${namesOf(sql, changeColumns)}
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as new (
      ${typesOf(sql, changeColumns)}
    )
  `.execute();

/**
 * The changes of one instant, which may have been found at different places of the history: numbered in
 * an order that only they themselves say.
 */
function numbered(eventId: string, changes: readonly KeptChange[]): NumberedChange[] {
  const times = new Map<string, number>();
  return changes
    .map((change) => ({ change, key: sortKey(change) }))
    .sort((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ change }, sequence) => {
      const identity = identityOf(eventId, change);
      const nth = times.get(identity) ?? 0;
      times.set(identity, nth + 1);
      return { ...change, sequence, changeId: changeIdOf(identity, nth) };
    });
}

const columnsOf = (change: NumberedChange) => ({
  changed_at: change.changedAt,
  sequence: change.sequence,
  origin_at: change.originAt,
  change_type: change.changeType,
  severity: change.severity,
  field: change.field,
  previous_value: change.previousValue,
  new_value: change.newValue,
  is_instant: change.isInstant,
  source: change.source,
  change_id: change.changeId,
  subject_id: change.subjectId,
  subject_name: change.subjectName,
  currency: change.currency,
});

/** Two rows of an event with the same text are the same in all but their account. */
const textOf = (change: NumberedChange) => JSON.stringify(Object.values(columnsOf(change)));

const sortKey = ({ changeType, field, previousValue, newValue, ...rest }: KeptChange) =>
  [
    changeType,
    field,
    JSON.stringify([previousValue, newValue]),
    // Of what is alike for people some come first all the same, in whatever order they were found.
    ...[rest.originAt.toISOString(), rest.source, rest.severity, rest.subjectId],
  ].join("\u0001");
