import { z } from "@hono/zod-openapi";

const MOST = 200;

const textsOf = (text: string | string[]) =>
  [text].flat().flatMap((one) => one.split(",").map((part) => part.trim()));

const Texts = z.union([z.string(), z.array(z.string())]);

const HOW = "Several: with commas between, or the parameter repeated.";

/** Some of the known names, in whatever case. */
export const severalOf = (known: readonly string[], description = "") =>
  Texts.transform((given, context) => {
    const names = textsOf(given).map((text) =>
      known.find((one) => one.toLowerCase() === text.toLowerCase()),
    );
    const found = names.filter((name) => name !== undefined);
    if (found.length === names.length) return [...new Set(found)];
    context.addIssue({
      code: "custom",
      message:
        known.length > 0 ? `must be one of ${known.join(", ")}` : "no account is configured yet",
    });
    return z.NEVER;
  })
    .optional()
    .openapi({
      type: "array",
      items: { type: "string", ...(known.length > 0 && { enum: [...known] }) },
      description: `${description} In whatever case. ${HOW}`.trim(),
      example: known.slice(0, 1),
    });

/** Ids as Vivenu gives them. */
export const idsOf = (description: string, example: string) =>
  Texts.transform((given, context) => {
    const ids = [...new Set(textsOf(given))];
    if (!ids.includes("") && ids.length <= MOST) return ids;
    context.addIssue({
      code: "custom",
      message: ids.includes("") ? "must not be empty" : `must be ${MOST} ids at most`,
    });
    return z.NEVER;
  })
    .optional()
    .openapi({
      type: "array",
      items: { type: "string" },
      maxItems: MOST,
      description: `${description} ${HOW}`,
      example: [example],
    });
