import { childOf } from "../../lib/abort.ts";
import type { Clock } from "../../lib/clock.ts";
import type { RowPlace } from "../../projections/queries/row-types.ts";
import type { RowFeed } from "./stream-feed.ts";
import { type Followed, framesOf, type Heard, placeFrame, resetFrame } from "./stream-frames.ts";

/** Below the time after which the server, and most of what stands between, take a silent connection for dead. */
export const PING_MS = 15_000;
/** So long a browser waits before it comes again. */
const AGAIN_MS = 2_000;
/** Written and not taken yet: what is behind that waits in the database. */
const BUFFERED_BYTES = 16_384;
const MOST_AT_ONCE = 65_536;
/** Until what could not be read is read again. */
const FAILED_MS = 5_000;

export interface BodyOptions {
  feed: RowFeed;
  clock: Clock;
  followed: Followed;
  /** Where it goes on; undefined for what is told from now on. */
  heard: Heard | "unknown" | undefined;
  newest: RowPlace;
  /** Whether whoever asked may still read; looked at before every event. */
  mayRead: () => boolean;
  /** Ends it. */
  signal: AbortSignal;
  /** The follower is gone, which may be told before anything of the body is read. */
  gone: AbortSignal;
  onEnd: (reason: StreamEnd) => void;
  /** Of what was to be read; the stream waits. */
  onFailure: (error: unknown) => void;
}

export type StreamEnd = "left" | "forbidden" | "stopping" | "failed";

/**
 * The events of one follower. It is read only as fast as the follower takes it, so one that is slow has a
 * place in what is kept and nothing in our memory; the server ends one that takes nothing.
 */
export function streamBody(options: BodyOptions): ReadableStream<Uint8Array> {
  const { feed, clock, followed, mayRead, onEnd, onFailure, gone } = options;
  const encoder = new TextEncoder();
  const { signal, end } = childOf(options.signal);
  const { skip, ...begun } = beginning(options);
  let place = begun.place;
  let opening: string | undefined = begun.opening;
  let left: Iterator<string> | undefined;
  let isOver = false;
  let saidAt = clock.now().getTime();

  function over(reason: StreamEnd) {
    if (isOver) return;
    isOver = true;
    end();
    onEnd(reason);
  }

  if (gone.aborted) over("left");
  gone.addEventListener("abort", () => over("left"), { once: true });
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const text = await next();
          saidAt = clock.now().getTime();
          if (text !== undefined) return controller.enqueue(encoder.encode(text));
          over(options.signal.aborted ? "stopping" : "forbidden");
          controller.close();
        } catch (error) {
          over("failed");
          controller.error(error);
        }
      },
      cancel: () => over("left"),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: BUFFERED_BYTES }),
  );

  /** Undefined when it is over. */
  async function next(): Promise<string | undefined> {
    while (!signal.aborted && mayRead()) {
      if (opening !== undefined) {
        const first = opening;
        opening = undefined;
        return first;
      }
      const text = takeLeft();
      if (text !== "") return text;
      // What happens to others' rows all the time is nothing that this connection hears.
      if (untilPingMs() === 0) return placeFrame(place);
      const told = await feed.after(place.position).catch(onFailure);
      if (!told) {
        await clock.pause(FAILED_MS, signal);
        return ": waiting\n\n";
      }
      const [first] = told;
      if (first && first.position !== place.position + 1) {
        // What is between is not kept any more.
        place = told.at(-1) ?? first;
        return resetFrame(place, "behind");
      }
      if (first) left = framesOfAll(told);
      else if (await isSilent()) return placeFrame(place);
    }
    return undefined;
  }

  function takeLeft(): string {
    let text = "";
    while (left && text.length < MOST_AT_ONCE) {
      const { done, value } = left.next();
      if (done) left = undefined;
      else text += value;
    }
    return text;
  }

  function* framesOfAll(told: Awaited<ReturnType<RowFeed["after"]>>) {
    for (const message of told) {
      yield* framesOf(message, followed, message.position === skip?.position ? skip.changes : 0);
      place = { position: message.position, mark: message.mark };
    }
  }

  /** From the last that was said; a clock that was set back makes it no longer. */
  function untilPingMs(): number {
    const silentMs = clock.now().getTime() - saidAt;
    return Math.min(Math.max(PING_MS - silentMs, 0), PING_MS);
  }

  async function isSilent(): Promise<boolean> {
    const either = childOf(signal);
    const silence = clock.pause(untilPingMs(), either.signal).then(() => !either.signal.aborted);
    const news = feed.told(place.position, either.signal).then(() => false);
    const isPing = await Promise.race([silence, news]);
    either.end();
    return isPing;
  }
}

/** The first words say where the stream begins, so that who is cut off before anything happens loses nothing. */
function beginning({ heard, newest }: Pick<BodyOptions, "heard" | "newest">) {
  const again = `retry: ${AGAIN_MS}\n`;
  if (heard === undefined) return { place: newest, opening: `${again}${placeFrame(newest)}` };
  if (heard === "unknown")
    return { place: newest, opening: `${again}${resetFrame(newest, "unknown")}` };
  const { position, mark, changes } = heard;
  if (changes === undefined)
    return { place: { position, mark }, opening: `${again}: welcome back\n\n` };
  return {
    place: { position: position - 1, mark },
    skip: { position, changes },
    opening: `${again}: welcome back\n\n`,
  };
}
