import { z } from "@hono/zod-openapi";
import type { ShownValue } from "../../projections/queries/row-types.ts";
import { FEWEST_VALUED } from "../../rules/value.ts";

export const valueExample: ShownValue = { paid: 58_654_800, list: 59_741_000, tickets: 5431 };

/** What sold tickets were sold for. */
export const valueSchema = (whose: string) =>
  z
    .object({
      paid: z.int().openapi({
        description: "What they were sold for: the sum of Vivenu's `realPrice`, in minor units.",
        example: valueExample.paid,
      }),
      list: z.int().openapi({
        description: "Before discounts: the sum of Vivenu's `regularPrice`, in minor units.",
        example: valueExample.list,
      }),
      tickets: z.int().openapi({
        description:
          "How many sold tickets these sums are of: those that say both prices in the event's currency, and of a ticket type that has at least five such.",
        example: valueExample.tickets,
      }),
    })
    .nullable()
    .openapi({
      description: `${whose} In minor units of \`currency\` (cents; yen have none), refunded tickets left out. Approximate: Vivenu's prices may hold fees, undershops may have prices of their own, and of an upgrade only the difference may be in it. Null before the first count that knew it, where the currency is not known, and where it is of fewer than ${FEWEST_VALUED} tickets, for a sum of one would be its price.`,
      example: valueExample,
    }) satisfies z.ZodType<ShownValue | null>;
