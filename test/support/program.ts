/**
 * What tests start as the service: in a run of everything what the image runs, which the run has built, and
 * else the sources. A process of the build takes two thirds of the CPU until it is ready.
 */
export const PROGRAM = process.env.VIVENU_EVENT_MONITOR_TEST_PROGRAM ?? "src/main.ts";
