/**
 * What tests start as the service: in a run of everything what the image runs, which the run has built, and
 * else the sources. A process of the build takes two thirds of the CPU until it is ready.
 */
export const PROGRAM = process.env.VIVENU_EVENT_MONITOR_TEST_PROGRAM ?? "src/main.ts";

/**
 * All that a program gets of this process's environment: the path, and how its allocator gives memory back
 * (`scripts/test.mjs`). Where a test is about memory it is left to itself.
 */
export function inherited(): Record<string, string> {
  const { PATH = "", MIMALLOC_PURGE_DELAY } = process.env;
  return { PATH, ...(MIMALLOC_PURGE_DELAY && { MIMALLOC_PURGE_DELAY }) };
}
