import { isFailure } from "../../lib/failure.ts";
import { isOthersKey } from "../../vivenu/known-owner.ts";

/** A failure's kind where it is the account's key that Vivenu refuses, or that is another account's. */
export const KEY_REFUSED = "key_refused";

export const isKeyRefused = (error: unknown) =>
  isOthersKey(error) ||
  (isFailure(error, "refused") && (error.context.status === 401 || error.context.status === 403));

/** What a poll or a backfill calls the failure. */
export const failureKindOf = (error: unknown) =>
  isKeyRefused(error) ? KEY_REFUSED : isFailure(error) ? error.kind : "fault";
