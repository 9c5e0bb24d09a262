import { createHash } from "node:crypto";
import type { FoundChange } from "./found-change.ts";

/** What tells a change from all others but those that say the very same of the same instant. */
export const identityOf = (eventId: string, change: FoundChange) =>
  JSON.stringify([
    ...[eventId, change.changedAt.toISOString(), change.changeType],
    ...[change.subjectId, change.fieldName, change.previousValue, change.newValue],
  ]);

/**
 * The id is made of what the change says and of nothing that counts rows: whoever goes through the same
 * past gives the same ids. `nth` tells those apart that say the same of one instant.
 */
export const changeIdOf = (identity: string, nth: number) =>
  createHash("sha256").update(`${nth} ${identity}`).digest("base64url").slice(0, 22);
