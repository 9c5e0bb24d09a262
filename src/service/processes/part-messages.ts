import { z } from "zod";
import type { MetricsJson } from "../../lib/metrics.ts";

/**
 * What the process that answers HTTP and one that it started say to each other. Each says every
 * second that it is alive: who is frozen says nothing, and would be waited for without end.
 */
export const ALIVE_MS = 1_000;

export const ToPart = z.discriminatedUnion("say", [
  z.object({ say: z.literal("alive") }),
  z.object({ say: z.literal("measure"), id: z.number() }),
]);
export type ToPart = z.infer<typeof ToPart>;

export const FromPart = z.discriminatedUnion("say", [
  z.object({ say: z.literal("started") }),
  z.object({ say: z.literal("alive") }),
  /** Where it answers, on this machine alone. */
  z.object({ say: z.literal("listening"), port: z.int() }),
  /** All that fails with it now, in words. */
  z.object({
    say: z.literal("failing"),
    loops: z.array(
      z.object({ loop: z.string(), message: z.string(), account: z.string().nullable() }),
    ),
  }),
  z.object({
    say: z.literal("measured"),
    id: z.number(),
    // It is our own program's, and goes through as it is.
    metrics: z.custom<MetricsJson>(Array.isArray),
  }),
]);
export type FromPart = z.infer<typeof FromPart>;
