import type { Surroundings } from "../../commands/build/surroundings.ts";
import type { Role } from "../../config/service.ts";

/** What `serve` starts beside HTTP: the loops, and what is under `/api`. */
export const parts = ["worker", "reads"] as const;
export type Part = (typeof parts)[number];

export interface ServeOptions extends Surroundings {
  version: string;
}

export interface LoopOptions extends ServeOptions {
  /** Polls every account at once, whether it is due or not. */
  pollOnStart: boolean;
  /** Ends this process at once, where work hangs that nothing else can end: it is started again. */
  leave?: (reason: string) => void;
}

/** A process's share of one environment's connections, by the role that was asked for and its part in it. */
export function poolOf(pool: number, role: Role, part?: Part): number {
  if (role === "worker") return pool;
  const few = fewOf(pool);
  if (part === undefined) return few - webhookPoolOf(pool);
  if (role === "http") return pool - few;
  const ofReads = Math.min(few, Math.max(1, Math.floor(pool / 4)));
  return part === "reads" ? ofReads : pool - few - ofReads;
}

/** Of them, those of webhooks alone: no webhook waits behind what /status asks. */
export const webhookPoolOf = (pool: number) => Math.floor(fewOf(pool) / 2);

const fewOf = (pool: number) => Math.max(2, Math.floor(pool / 4));
