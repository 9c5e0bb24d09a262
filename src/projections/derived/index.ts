import { changes } from "./changes.ts";
import type { Derivation } from "./derivation.ts";

/** In the order in which they are made. */
export const derivations: readonly Derivation[] = [changes];
