import { z } from "zod";
import { Secret } from "./secret.ts";
import { origin, type Values, whole } from "./values.ts";

export const datacoreVariables = {
  FLOWCORE_TENANT: z.string().min(1).describe("The Flowcore tenant's name."),
  FLOWCORE_DATA_CORE: z.string().min(1).describe("The data core's name."),
  FLOWCORE_DATA_CORE_ID: z
    .uuid("must be a UUID, as Flowcore shows it beside the data core's name")
    .optional()
    .describe("The data core's id; saves the look-up by name."),
  FLOWCORE_API_KEY: z
    .string()
    .regex(/^fc_[^_]+_[^_]+$/, "must have the form fc_<id>_<secret>")
    .transform((value) => new Secret(value))
    .describe("A Flowcore API key that may write and read the data core."),
  FLOWCORE_BASE_URL: origin.optional().describe("A stand-in for Flowcore; unset, the real one."),
  FLOWCORE_PATHWAY_NAME: z
    .string()
    .regex(
      /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}$/,
      "must be letters, digits, dots, dashes or underscores",
    )
    .optional()
    .describe(
      "The Data Pathway that this service is in Flowcore's console, where operators see its lag and pause, resume and restart it; unset, it is none. Nothing but production registers with the real Flowcore.",
    ),
  READ_TIMEOUT: whole(1, 280)
    .default(30)
    .describe(
      "Seconds that Flowcore may take to answer a read. What is older than three days may come from its cold storage, which takes minutes.",
    ),
  UNCONFIRMED_AFTER: whole(1, 86_400)
    .default(300)
    .describe(
      "Seconds until a fact that Flowcore took and nobody has read back is sent again; doubles each time, up to an hour.",
    ),
};

export const flowcoreSettings = (e: Values<typeof datacoreVariables>) => ({
  tenant: e.FLOWCORE_TENANT,
  dataCore: e.FLOWCORE_DATA_CORE,
  dataCoreId: e.FLOWCORE_DATA_CORE_ID,
  apiKey: e.FLOWCORE_API_KEY,
  baseUrl: e.FLOWCORE_BASE_URL,
  readTimeoutMs: e.READ_TIMEOUT * 1_000,
});

/** A developer's machine that registered would take production's commands: there only a stand-in is told. */
export const pathwaySettings = (
  e: Values<typeof datacoreVariables> & { NODE_ENV: string },
  { dev }: { dev: boolean },
) => {
  const isProduction = !dev && e.NODE_ENV === "production";
  return { name: isProduction || e.FLOWCORE_BASE_URL ? e.FLOWCORE_PATHWAY_NAME : undefined };
};

/** The outbox relay's. */
export const sendingSettings = (e: Values<typeof datacoreVariables>) => ({
  unconfirmedMs: e.UNCONFIRMED_AFTER * 1_000,
});
