import { AsyncLocalStorage } from "node:async_hooks";
import { type Caller, isKeptToSome } from "./callers.ts";

const callers = new AsyncLocalStorage<Caller>();

/** Whatever is read in it is read for this caller. */
export const readFor = <Result>(caller: Caller, work: () => Result): Result =>
  callers.run(caller, work);

/**
 * Whom it is read for, where that is somebody who sees some events only. Whoever reads without anybody
 * being known, in a stream that outlived its request perhaps, reads nothing: it would be read for all.
 */
export function partner(): Caller | undefined {
  const caller = callers.getStore();
  if (!caller) throw new Error("nobody is known for whom this is read");
  return isKeptToSome(caller) ? caller : undefined;
}
