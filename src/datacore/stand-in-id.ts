import { createHash } from "node:crypto";
import { startOfBucket } from "./time-bucket.ts";
import { lowestIdAt } from "./time-uuid.ts";

/**
 * What a fact is called whose id in the log is no UUID v1: a UUID of version 8 with the time of its hour's
 * beginning, the same for each who reads it there. `known` tells it from others of its hour.
 */
export function standInId(timeBucket: string, known: readonly string[]): string {
  const lowest = lowestIdAt(startOfBucket(timeBucket) ?? new Date(0));
  const digest = createHash("sha256").update(JSON.stringify(known)).digest("hex");
  return `${lowest.slice(0, 14)}8${lowest.slice(15, 19)}8${digest.slice(0, 3)}-${digest.slice(3, 15)}`;
}
