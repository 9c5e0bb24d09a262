const SOON_MS = 200;
const AT_LAST_MS = 2_000;

/** When nobody waits for anything; soon, where a browser does not know when that is. */
export function whenIdle(work: () => void) {
  if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: AT_LAST_MS });
  else setTimeout(work, SOON_MS);
}
