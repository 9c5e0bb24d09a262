import type { Derivation } from "./derivation.ts";
import { changes } from "./event-changes.ts";

/** In the order in which they are made. */
export const derivations: readonly Derivation[] = [changes];
