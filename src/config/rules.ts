import { z } from "zod";
import { ticketClasses } from "../rules/classify.ts";
import { parseOverrides } from "../rules/overrides.ts";
import { defaultSoldOutPolicy } from "../rules/sold-out.ts";
import { flag, OFF, oneOf, type Values, whole } from "./values.ts";

const PERCENT = "must be a number above 0, 100 at most";

const percents = z
  .string()
  .transform((text) => (text.toLowerCase() === OFF ? [] : text.split(",").map(Number)))
  .refine((list) => list.every((percent) => percent > 0 && percent < 100), {
    error: 'must be "off" or percentages above 0 and below 100, like 80,95',
  });

/** What the operator says of what facts mean. */
export const rulesVariables = {
  CHARITY_IN_TOTALS: flag
    .default(true)
    .describe("Whether charity places are part of an event's totals."),
  TICKET_TYPE_CLASSES: z
    .string()
    .transform((text, context) => {
      try {
        return parseOverrides(text);
      } catch {
        const message = `must be like <ticket type id>=<class>, a class being one of ${ticketClasses.join(", ")}`;
        context.addIssue({ code: "custom", message });
        return z.NEVER;
      }
    })
    .optional()
    .describe(
      "What ticket types are, whatever their name: `id=race,id=secondary`. `/status` names those that nothing else speaks for.",
    ),
  NEARLY_SOLD_OUT: percents
    .default([...defaultSoldOutPolicy.nearlyFromPercents])
    .describe(
      "From how many percent sold an event or ticket type is told to be nearly sold out; `off` for never.",
    ),
  REOPEN_PLACES: whole(1, 1_000_000)
    .default(defaultSoldOutPolicy.reopenPlaces)
    .describe(
      "What was sold out is told to be open again when so many places are left, or `REOPEN_PERCENT`.",
    ),
  REOPEN_PERCENT: z.coerce
    .number({ error: PERCENT })
    .positive(PERCENT)
    .max(100, PERCENT)
    .default(defaultSoldOutPolicy.reopenPercent)
    .describe("The same in percent of its capacity: whichever is reached first."),
  UNDERSHOP_SALES: oneOf(["direct", "all"])
    .default("direct")
    .describe(
      "What a type's amount is held against where an independent undershop sells it too: all but what that shop sold or reserved (direct), or all. That is how Vivenu's strategies are understood; it does not say it.",
    ),
  EXEMPT_TICKET_TYPES: oneOf(["free", "capped"])
    .default("free")
    .describe(
      "Whether a ticket type that Vivenu leaves out of the maximum amounts (`ignoreForMaxAmounts`) is still sold when its category or its event is full (free), or not (capped). Vivenu does not say it.",
    ),
};

export const rulesSettings = (e: Values<typeof rulesVariables>) => ({
  charityInTotals: e.CHARITY_IN_TOTALS,
  underShopSales: e.UNDERSHOP_SALES,
  exemptTypes: e.EXEMPT_TICKET_TYPES,
  classes: e.TICKET_TYPE_CLASSES ?? {},
  soldOut: {
    ...defaultSoldOutPolicy,
    nearlyFromPercents: e.NEARLY_SOLD_OUT,
    reopenPlaces: e.REOPEN_PLACES,
    reopenPercent: e.REOPEN_PERCENT,
  },
});
