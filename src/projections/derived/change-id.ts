import { createHash } from "node:crypto";
import type { FoundChange } from "./found-change.ts";

/** What a row keeps of a change, which is all of it but the plain name of its field. */
export type KeptChange = Omit<FoundChange, "fieldName">;

/** What tells a change from all others but those that say the very same of the same instant. */
export const identityOf = (eventId: string, change: KeptChange) =>
  JSON.stringify([
    eventId,
    change.changedAt.toISOString(),
    change.changeType,
    change.subjectId,
    plainFieldOf(change),
    change.previousValue,
    change.newValue,
  ]);

/** Without what the subject is called: of a change that was read again it is known by `field` alone. */
const plainFieldOf = ({ field }: KeptChange) => field.split(" of ", 1)[0];

/**
 * The id is made of what the change says and of nothing that counts rows: whoever goes through the same
 * past gives the same ids. `nth` tells those apart that say the same of one instant.
 */
export const changeIdOf = (identity: string, nth: number) =>
  createHash("sha256").update(`${nth} ${identity}`).digest("base64url").slice(0, 22);
