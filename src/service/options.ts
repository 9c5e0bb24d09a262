import type { Surroundings } from "../commands/parts.ts";

/**
 * - `all`     HTTP in this process, and the loops in one beside it, which it supervises
 * - `http`    HTTP alone: webhooks, API, status
 * - `worker`  the loops alone: translator, courier, consumer, poller, mirror
 */
export const roles = ["all", "http", "worker"] as const;
export type Role = (typeof roles)[number];

export interface ServeOptions extends Surroundings {
  version: string;
}

export interface LoopOptions extends ServeOptions {
  /** Polls every account at once, whether it is due or not. */
  pollOnStart: boolean;
}

/** The leases, by name: of each one process in all works. */
export const leases = ["courier", "consumer", "poller", "mirror"] as const;
export type LeaseName = (typeof leases)[number];

/** Of one environment's connections: where both roles share it, the loops need more. */
export function poolOf(role: Role, isShared: boolean, pool: number): number {
  if (!isShared) return pool;
  const ofHttp = Math.floor(0.4 * pool);
  return role === "worker" ? pool - ofHttp : ofHttp;
}
