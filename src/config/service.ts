import { z } from "zod";
import { oneOf, type Values, whole } from "./values.ts";

/**
 * What `serve` is:
 *
 * - `all`     HTTP in this process, and the loops in one beside it, which it supervises
 * - `http`    HTTP alone: webhooks, API, status
 * - `worker`  the loops alone: translator, outbox relay, consumer, poller, mirror
 */
export const roles = ["all", "http", "worker"] as const;
export type Role = (typeof roles)[number];

const drain = whole(0, 300);

export const serviceVariables = {
  NODE_ENV: oneOf(["development", "test", "production"])
    .default("production")
    .describe("Shown in the log; opens nothing."),
  LOG_LEVEL: oneOf(["debug", "info", "warn", "error"])
    .default("info")
    .describe("Lines below it are not written."),
  SERVE_ROLE: oneOf(roles)
    .default("all")
    .describe("Which part of it `serve` is, where `--role` does not say."),
  PORT: whole(0, 65_535).default(18_765).describe("Where HTTP is served."),
  METRICS_PORT: whole(0, 65_535)
    .optional()
    .describe(
      "A port of its own for `/metrics`, without a key; unset, `/metrics` is on `PORT` alone, behind the key.",
    ),
  HOST: z
    .string()
    .default("0.0.0.0")
    .describe("The address HTTP listens on; `dev` always takes 127.0.0.1."),
  SHUTDOWN_DRAIN: drain
    .default(3)
    .describe(
      "Seconds that requests are still answered after SIGTERM, while `/ready` answers 503; 0 in `dev`. The process ends within 7 s more.",
    ),
};

export const devServiceVariables = { ...serviceVariables, SHUTDOWN_DRAIN: drain.default(0) };

/** On a developer's own machine only that machine is answered. */
export const httpSettings = (e: Values<typeof serviceVariables>, { dev }: { dev: boolean }) => ({
  port: e.PORT,
  metricsPort: e.METRICS_PORT,
  host: dev ? "127.0.0.1" : e.HOST,
  drainMs: e.SHUTDOWN_DRAIN * 1_000,
});
