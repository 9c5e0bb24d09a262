import type { Context } from "hono";
import type { z } from "zod";
import { asOf, pastOf } from "../api/request/as-of.ts";
import type { ApiEnv } from "../api/request/problem.ts";
import { queryOf, refuseUnreadable } from "../api/request/query.ts";
import type { Clock } from "../lib/clock.ts";

/**
 * What a view's address may say, by the parameters of the API. Made once for a view: a schema compiles itself
 * when it is first asked, which takes longer than its answer.
 */
export function viewQuery<Shape extends z.ZodRawShape>(
  shape: Shape,
  refine: (asked: never, context: z.RefinementCtx) => void = () => {},
) {
  const query = queryOf({ ...shape, ...asOf }).superRefine((asked, context) =>
    refine(asked as never, context),
  );
  // The cast: the compiler does not follow a shape that is spread.
  return query as unknown as z.ZodType<z.infer<z.ZodObject<Shape & typeof asOf>>>;
}

/** In the API's words where it cannot be read. A field that a form leaves empty says nothing. */
export function readQuery<Asked>(c: Context<ApiEnv>, query: z.ZodType<Asked>, clock: Clock): Asked {
  const given = Object.entries(c.req.queries()).flatMap(([name, values]) => {
    const said = values.filter((value) => value !== "");
    return said.length === 0 ? [] : [[name, said.length === 1 ? said[0] : said] as const];
  });
  const checked = query.safeParse(Object.fromEntries(given));
  refuseUnreadable(checked);
  if (!checked.success) throw new Error("what cannot be read was not refused");
  // The cast: every view can be asked of the past.
  pastOf(checked.data as { as_of?: Date }, clock);
  return checked.data;
}
