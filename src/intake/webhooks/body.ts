import { setImmediate } from "node:timers/promises";
import { type Hashing, hashing } from "../../vivenu/signature.ts";
import type { Room } from "./room.ts";

/** What a request takes besides its body: 17 KB as measured, and what is not collected yet. */
const REQUEST_BYTES = 32_768;
const SLICE_BYTES = 262_144;
/** So far a body that is too large is read, unkept, to know whether it was Vivenu's. */
const READ_TO = 4;

export interface BodyOptions {
  /** Whose signatures are looked at while it comes. */
  keys: string[];
  maxBytes: number;
  room: Room;
  /** Aborts when there is no time left. */
  signal: AbortSignal;
}

/** `busy` where there is no room for it, or none any more. */
type BodyState = "whole" | "too_large" | "broken_off" | "busy";

export type ReceivedBody = Awaited<ReturnType<typeof readBody>>;

/**
 * Reads a body as it comes: every part is hashed, copied into one piece of memory and forgotten. Bun
 * takes no more from the socket than is read here, and goes over what is left unread once it is answered.
 * `close` gives the memory back at once, and not when garbage is collected. Throws the signal's reason
 * when there is no time left.
 */
export async function readBody(request: Request, { keys, maxBytes, room, signal }: BodyOptions) {
  const declared = request.headers.get("content-length");
  const said = declared === null ? undefined : Number(declared);
  const hash = hashing(keys);
  let kept = new Uint8Array(0);
  let size = 0;
  let isEvicted = false;
  const most = Math.min(said ?? maxBytes, maxBytes);
  const share = room.open(most + REQUEST_BYTES, () => {
    isEvicted = true;
    stop();
  });
  const reader = share && request.body?.getReader();
  signal.addEventListener("abort", stop, { once: true });

  try {
    const state = share ? await readAll() : "busy";
    signal.throwIfAborted();
    return { state, hash, bytes, signaturesOf, pin, shrink, close };
  } catch (error) {
    close();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }

  async function readAll(): Promise<BodyState> {
    for (;;) {
      const part = await reader?.read().catch(() => "broken_off" as const);
      if (isEvicted) return "busy";
      if (part === "broken_off") return "broken_off";
      if (!part || part.done) break;
      hash.update(part.value);
      size += part.value.length;
      if (size <= maxBytes) keep(part.value);
      else free();
      if (size > READ_TO * maxBytes) {
        stop();
        // It did not break off: nobody reads on.
        return "too_large";
      }
    }
    if (size < (said ?? 0)) return "broken_off";
    return size > maxBytes ? "too_large" : "whole";
  }

  /** Grows by doubling where nobody said how much comes: single bytes cost no more than bytes. */
  function keep(part: Uint8Array) {
    if (size > kept.length) {
      const capacity = Math.max(size, Math.min(said ?? 2 * kept.length, maxBytes));
      kept = new Uint8Array(kept.buffer.transfer(capacity));
    }
    kept.set(part, size - part.length);
  }

  function bytes() {
    return kept.subarray(0, size);
  }

  /** By other keys, a slice at a time, for the others' requests go on meanwhile; undefined if it was let go. */
  async function signaturesOf(others: string[]): Promise<Hashing | undefined> {
    const again = hashing(others);
    for (let at = 0; at < size; at += SLICE_BYTES) {
      if (isEvicted || signal.aborted) return undefined;
      again.update(bytes().subarray(at, at + SLICE_BYTES));
      await setImmediate();
    }
    return isEvicted ? undefined : again;
  }

  /** It stays until it is closed: its signature fits. False if it was let go before. */
  function pin() {
    return share?.pin() === true;
  }

  /** The bytes are done with, and what is kept in their place has `to`; false where that finds no room. */
  function shrink(to: number): boolean {
    free();
    return share?.resize(to) === true;
  }

  function stop() {
    free();
    reader?.cancel().catch(() => {});
  }

  function free() {
    kept.buffer.transfer(0);
    kept = new Uint8Array(0);
  }

  function close() {
    stop();
    share?.close();
  }
}
