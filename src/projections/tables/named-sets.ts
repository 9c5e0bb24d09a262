import { createHash } from "node:crypto";
import type { Sql } from "../../database/connect.ts";

/**
 * Which things a fact names. Hundreds of facts of an event name the same ones, so that a list is kept
 * once and a fact keeps its number, which is made of the list.
 */
export interface NamedSet {
  setId: string;
  ids: string[];
}

export function namedSet(names: readonly string[]): NamedSet {
  const text = names.join(BETWEEN);
  const known = made.get(text);
  if (known) return known;
  const ids = [...new Set(names)].sort();
  const digest = createHash("sha256").update(ids.join("\n")).digest();
  const set = { setId: String(digest.readBigInt64BE()), ids };
  if (made.size === MOST_MADE) made.clear();
  made.set(text, set);
  return set;
}

/** No text of a row can hold it. */
const BETWEEN = "\u0000";
/** One fact after another names the same things, and a digest of hundreds takes its time. */
const made = new Map<string, NamedSet>();
const MOST_MADE = 200;

/**
 * Keeps the sets that facts name in front of the statement that keeps the facts. `kept` are those of which
 * the caller knows that they are kept, and learns it of these.
 */
export function withSets(sql: Sql, sets: readonly NamedSet[], kept: Set<string> = new Set()) {
  const unknown = sets.filter(({ setId }) => !kept.has(setId));
  if (unknown.length === 0) return sql``;
  const each = [...new Map(unknown.map((set) => [set.setId, set])).values()];
  for (const { setId } of each) kept.add(setId);
  return sql`
    with named as (
      insert into named_set (set_id, ids)
      select set_id, ids
      from jsonb_to_recordset(${JSON.stringify(
        each.map(({ setId, ids }) => ({ set_id: setId, ids })),
      )}::text::jsonb) as new (set_id bigint, ids text[])
      order by set_id
      on conflict do nothing
    )
  `;
}

export async function readSets(sql: Sql, setIds: Iterable<string>): Promise<Map<string, string[]>> {
  const rows = await sql<NamedSet[]>`
    select set_id::text as set_id, ids from named_set
    where set_id = any(${[...new Set(setIds)]}::bigint[])
  `;
  return new Map(rows.map(({ setId, ids }) => [setId, ids]));
}
