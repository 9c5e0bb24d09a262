import { AsyncLocalStorage } from "node:async_hooks";
import { type Caller, isKeptToSome } from "./callers.ts";

interface Reading {
  caller: Caller;
  /** What was looked up once for all of it, by who looked it up. */
  found: Map<unknown, unknown>;
}

const readings = new AsyncLocalStorage<Reading>();

/** Whatever is read in it is read for this caller. */
export const readFor = <Result>(caller: Caller, work: () => Result): Result =>
  readings.run({ caller, found: new Map() }, work);

/**
 * Whom it is read for, where that is somebody who sees some events only. Whoever reads without anybody
 * being known, in a stream that outlived its request perhaps, reads nothing: it would be read for all.
 */
export function partner(): Caller | undefined {
  const reading = readings.getStore();
  if (!reading) throw new Error("nobody is known for whom this is read");
  return isKeptToSome(reading.caller) ? reading.caller : undefined;
}

/**
 * The same look-up, made once for all that is read for one caller at one time: what is read of one answer is of
 * one state then. Where nobody is known it is made each time.
 */
export function onceForEach<Asked extends unknown[], Found>(
  look: (...asked: Asked) => Promise<Found>,
): (...asked: Asked) => Promise<Found> {
  return (...asked) => {
    const found = readings.getStore()?.found;
    // The cast: under its own name each look-up keeps nothing but what it found.
    const known = found?.get(look) as Promise<Found> | undefined;
    if (known) return known;
    const mine = look(...asked);
    found?.set(look, mine);
    return mine;
  };
}
