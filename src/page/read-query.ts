import type { Context } from "hono";
import type { z } from "zod";
import { asOf, pastOf } from "../api/as-of.ts";
import type { ApiEnv } from "../api/problem.ts";
import { queryOf, refuseUnreadable } from "../api/query.ts";
import type { Clock } from "../lib/clock.ts";

/**
 * What a view's address says, by the parameters of the API and in its words where it cannot be read. A field
 * that a form leaves empty says nothing.
 */
export function readQuery<Shape extends z.ZodRawShape>(
  c: Context<ApiEnv>,
  shape: Shape,
  clock: Clock,
  refine: (asked: never, context: z.RefinementCtx) => void = () => {},
) {
  const given = Object.entries(c.req.queries()).flatMap(([name, values]) => {
    const said = values.filter((value) => value !== "");
    return said.length === 0 ? [] : [[name, said.length === 1 ? said[0] : said] as const];
  });
  const checked = queryOf({ ...shape, ...asOf })
    .superRefine((asked, context) => refine(asked as never, context))
    .safeParse(Object.fromEntries(given));
  refuseUnreadable(checked);
  if (!checked.success) throw new Error("what cannot be read was not refused");
  // The cast: the compiler does not follow a shape that is spread.
  const asked = checked.data as z.infer<z.ZodObject<Shape & typeof asOf>>;
  pastOf(checked.data as { as_of?: Date }, clock);
  return asked;
}
