import { z } from "zod";
import type { MetricsJson } from "../lib/metrics.ts";

/**
 * What the process that answers HTTP and the one that runs the loops say to each other. Each says every
 * second that it is alive: who is frozen says nothing, and would be waited for without end.
 */
export const ALIVE_MS = 1_000;

export const ToWorker = z.discriminatedUnion("say", [
  z.object({ say: z.literal("alive") }),
  z.object({ say: z.literal("measure"), id: z.number() }),
]);
export type ToWorker = z.infer<typeof ToWorker>;

export const FromWorker = z.discriminatedUnion("say", [
  z.object({ say: z.literal("started") }),
  z.object({ say: z.literal("alive") }),
  z.object({
    say: z.literal("measured"),
    id: z.number(),
    // It is our own program's, and goes through as it is.
    metrics: z.custom<MetricsJson>(Array.isArray),
  }),
]);
export type FromWorker = z.infer<typeof FromWorker>;
