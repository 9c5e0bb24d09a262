import type { PendingQuery, Row } from "postgres";
import type { Sql } from "../../database/connect.ts";
import type { KeyKind, Place } from "./wanted.ts";

export type Fragment = PendingQuery<Row[]>;

export interface Keyset {
  /** What is read of a row, and of what. */
  select: Fragment;
  from: Fragment;
  where: Fragment;
  key: Fragment;
  /** An amount of `money` is sorted within its currency, the column of that name. */
  kind: KeyKind;
  /** Some rows have none: they come last, whichever way the others are sorted. */
  isNullable: boolean;
  /** Columns that together tell rows of one key apart. */
  ids: readonly Fragment[];
  isDescending: boolean;
  after: Place | undefined;
  limit: number;
}

/**
 * One page of a sorted list in two queries, because an index holds rows without a key at one end and
 * people want them at the other: those with a key in its order, and behind them those without.
 */
export function keysetIn(sql: Sql, keyset: Keyset): { keyed: Fragment; keyless: Fragment } {
  const { select, from, where, ids, after, isDescending, isNullable, limit } = keyset;
  const isMoney = keyset.kind === "money";
  const keys = isMoney ? [sql`currency`, keyset.key] : [keyset.key];
  const key = isMoney ? sql`currency || ' ' || ${keyset.key}` : keyset.key;
  const idList = commas(sql, ids);
  const page = (condition: Fragment, order: Fragment) => sql`
    select ${select}, ${key} as key from ${from}
    where ${where} and ${condition}
    order by ${order}
    limit ${limit}
  `;
  const none = sql`select ${select}, ${key} as key from ${from} where false`;
  const direction = isDescending ? sql`desc` : sql``;
  const order = commas(
    sql,
    [...keys, ...ids].map((column) => sql`${column} ${direction}`),
  );
  const idOrder = commas(
    sql,
    ids.map((column) => sql`${column} ${direction}`),
  );
  const than = isDescending ? sql`<` : sql`>`;
  const isBeyondKeys = after !== undefined && after.key === null;
  const idsOf = (place: Place) =>
    commas(
      sql,
      place.ids.map((id) => sql`${id}`),
    );
  const present = isNullable
    ? keys.reduce((all, one) => sql`${all} and ${one} is not null`, sql`true`)
    : sql`true`;
  const behind = after
    ? sql`(${commas(sql, keys)}, ${idList}) ${than} (${keyValue(sql, after.key, keyset.kind)}, ${idsOf(after)})`
    : sql`true`;
  const behindIds = after && isBeyondKeys ? sql`(${idList}) ${than} (${idsOf(after)})` : sql`true`;
  return {
    keyed: isBeyondKeys ? none : page(sql`${present} and ${behind}`, order),
    keyless: isNullable ? page(sql`${key} is null and ${behindIds}`, idOrder) : none,
  };
}

/** With its type: an index is not looked into for a value of another. */
function keyValue(sql: Sql, value: Place["key"], kind: KeyKind): Fragment {
  switch (kind) {
    case "text":
      return sql`${String(value)}::text`;
    case "count":
      return sql`${String(value)}::bigint`;
    case "number":
      return sql`${String(value)}::double precision`;
    case "money": {
      const text = String(value);
      return sql`${text.slice(0, 3)}::text, ${text.slice(4)}::double precision`;
    }
    case "flag":
      return sql`${String(value)}::text::boolean`;
    case "instant":
      // A cursor holds milliseconds, which is all that JavaScript and these rows know of an instant.
      return sql`${new Date(Number(value))}::timestamptz`;
  }
}

const commas = (sql: Sql, parts: readonly Fragment[]): Fragment =>
  parts.reduce((list, part) => sql`${list}, ${part}`);
