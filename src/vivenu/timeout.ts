/** How long Vivenu is waited for, where nothing else is said. */
export const DEFAULT_TIMEOUT_MS = 45_000;
