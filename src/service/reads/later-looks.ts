import { CALLER_HEADER, type Caller, sealCaller } from "../../api/request/callers.ts";
import type { Clock } from "../../lib/clock.ts";

/** Who looks, for nobody. */
const NOBODY: Caller = { name: "later look", isAdmin: false };

/** Code is compiled for good after some dozens of times. */
const LOOKS = 60;
/** A twentieth of a core, where a look takes a fiftieth of a second. */
const REST_MS = 400;
/** Who is asked all the time needs none. */
const LONGEST_MS = 120_000;

interface Looking {
  fetch: (request: Request) => Response | Promise<Response>;
  handover: string;
  clock: Clock;
  /** Of events that are shown. */
  readEventIds: () => Promise<readonly string[]>;
  /** Whether somebody asks at the moment: then it is their turn. */
  isAsked: () => boolean;
  signal: AbortSignal;
}

/**
 * Behind the first look at each view: looks at one event after the other while nobody asks, because what is
 * looked at for the first time, by code that has hardly run, takes twice as long as later, and whoever opens the
 * page after a restart opens one event. It never rejects, and ends at the first look that fails.
 */
export async function laterLooks({
  fetch,
  handover,
  clock,
  readEventIds,
  isAsked,
  signal,
}: Looking) {
  const headers = { [CALLER_HEADER]: sealCaller(NOBODY, handover) };
  const until = clock.now().getTime() + LONGEST_MS;
  try {
    const paths = (await readEventIds())
      .map(encodeURIComponent)
      .flatMap((id) => [`/events/${id}`, `/api/events/${id}`]);
    if (paths.length === 0) return;
    for (let looks = 0; looks < LOOKS; ) {
      await clock.pause(REST_MS, signal);
      if (signal.aborted || clock.now().getTime() > until) return;
      if (isAsked()) continue;
      const path = paths[looks % paths.length];
      const answer = await fetch(new Request(`http://127.0.0.1${path}`, { headers }));
      await answer.arrayBuffer();
      if (!answer.ok) return;
      looks += 1;
    }
  } catch {
    // There is nothing to look at, and nobody who looked.
  }
}
