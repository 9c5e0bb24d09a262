import { Failure } from "./failure.ts";

/**
 * A signal that aborts with its parent or when it is ended. Unlike `AbortSignal.any`, it leaves
 * nothing behind on a parent that lives as long as the process.
 */
export function childOf(parent?: AbortSignal) {
  const child = new AbortController();
  const end = () => {
    parent?.removeEventListener("abort", end);
    child.abort();
  };
  if (parent?.aborted) child.abort();
  else parent?.addEventListener("abort", end, { once: true });
  return { signal: child.signal, end };
}

export const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });

/** What came of it, as long as a signal lasts; behind that it fails, for nobody knows what comes of it. */
export async function whileAwaited<Value>(work: Promise<Value>, signal: AbortSignal) {
  const child = childOf(signal);
  const unawaited = aborted(child.signal).then(() => {
    throw new Failure("unavailable", "nobody waited for its answer any longer");
  });
  try {
    return await Promise.race([work, unawaited]);
  } finally {
    child.end();
  }
}
