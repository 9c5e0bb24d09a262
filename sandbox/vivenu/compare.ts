import type { ISql, PendingQuery, Row } from "postgres";
import type { Comparison, Operator } from "./query.ts";

type Fragment = PendingQuery<Row[]>;

/** `column` against a value, in PostgreSQL's words. */
export function compares(
  sql: ISql,
  column: Fragment,
  { operator, value }: Comparison<Date | number>,
): Fragment {
  const written: Record<Operator, () => Fragment> = {
    $gt: () => sql`${column} > ${value}`,
    $gte: () => sql`${column} >= ${value}`,
    $lt: () => sql`${column} < ${value}`,
    $lte: () => sql`${column} <= ${value}`,
    $eq: () => sql`${column} = ${value}`,
    $ne: () => sql`${column} <> ${value}`,
  };
  return written[operator]();
}
