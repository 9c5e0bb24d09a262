import type { Sql } from "../../database/connect.ts";
import { Failure } from "../../lib/failure.ts";

/**
 * Throws unless these tables are the same in both schemas, but for their rows: a swap must lose no
 * index and bring no other type. What is only in the live schema may also have been made by hand.
 */
export async function checkSameSchema(
  sql: Sql,
  { live, rebuilt, tables }: { live: string; rebuilt: string; tables: string[] },
): Promise<void> {
  const lines = await readSchema(sql, live, tables);
  const rebuiltLines = await readSchema(sql, rebuilt, tables);
  const differences = [
    ...lines.filter((line) => !rebuiltLines.includes(line)).map((line) => `only live: ${line}`),
    ...rebuiltLines.filter((line) => !lines.includes(line)).map((line) => `only rebuilt: ${line}`),
  ];
  if (differences.length > 0)
    throw new Failure(
      "refused",
      `rebuilt tables would not be the live ones: nothing is swapped until they are. ${differences.join("; ")}`,
    );
}

/** Throws where a schema holds what moving these tables would leave behind. */
export async function checkNothingElse(sql: Sql, schema: string, tables: string[]): Promise<void> {
  const others = await sql<{ name: string }[]>`
    select format('table %s', relname) as name from pg_class
    where relnamespace = ${schema}::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
      and relname <> all(${tables})
    union all
    select format('sequence %s', relname) from pg_class
    where relnamespace = ${schema}::regnamespace and relkind = 'S'
      and not exists (
        select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid
          and refclassid = 'pg_class'::regclass and deptype in ('a', 'i')
      )
    union all
    select format('function %s', proname) from pg_proc where pronamespace = ${schema}::regnamespace
    union all
    select format('type %s', typname) from pg_type
    where typnamespace = ${schema}::regnamespace and typtype in ('d', 'e', 'r', 'm')
    order by name
  `;
  if (others.length > 0)
    throw new Failure(
      "refused",
      `migrations of rows make what is no projection's table, and a swap would lose it: ${others.map(({ name }) => name).join(", ")}`,
    );
}

/** A line for whatever the catalogue says of these tables, without the name of their schema. */
export async function readSchema(sql: Sql, schema: string, tables: string[]): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    with own as (
      select oid, relname, relkind, relpersistence, relrowsecurity, relreplident from pg_class
      where relnamespace = ${schema}::regnamespace and relname = any(${tables})
    ),
    one as (
      select concat_ws(' ', 'table', relname, relkind, relpersistence, relrowsecurity, relreplident)
        as line
      from own
      union all
      select concat_ws(' ',
        'column', relname || '.' || attname, format_type(atttypid, atttypmod),
        case when attnotnull then 'not null' end, 'default ' || pg_get_expr(adbin, adrelid),
        'identity ' || nullif(attidentity::text, ''),
        'generated ' || nullif(attgenerated::text, ''),
        'collation ' || nullif(attcollation, 0),
        'place ' || row_number() over (partition by own.oid order by attnum)
      )
      from own join pg_attribute on attrelid = own.oid and attnum > 0 and not attisdropped
      left join pg_attrdef on adrelid = own.oid and adnum = attnum
      union all
      select concat_ws(' ', 'constraint', relname || '.' || conname,
        pg_get_constraintdef(pg_constraint.oid), case when not convalidated then 'unchecked' end)
      from own join pg_constraint on conrelid = own.oid
      union all
      select concat_ws(' ', 'index', pg_get_indexdef(indexrelid),
        case when not indisvalid then 'invalid' end)
      from own join pg_index on indrelid = own.oid
      union all
      -- Named with its schema or without, by what this session's search path is.
      select concat_ws(' ', 'trigger',
        replace(pg_get_triggerdef(pg_trigger.oid), 'EXECUTE FUNCTION public.', 'EXECUTE FUNCTION '),
        tgenabled)
      from own join pg_trigger on tgrelid = own.oid and not tgisinternal
      union all
      select concat_ws(' ', 'rule', pg_get_ruledef(pg_rewrite.oid))
      from own join pg_rewrite on ev_class = own.oid
      union all
      select concat_ws(' ', 'policy', relname || '.' || polname, polcmd,
        pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
      from own join pg_policy on polrelid = own.oid
      union all
      select concat_ws(' ', 'statistics', pg_get_statisticsobjdef(pg_statistic_ext.oid))
      from own join pg_statistic_ext on stxrelid = own.oid
    )
    select replace(line, quote_ident(${schema}) || '.', '') as line from one order by 1
  `;
  return rows.map(({ line }) => line);
}
