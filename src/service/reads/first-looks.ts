import { pagePaths } from "../../api/pages.ts";
import { CALLER_HEADER, type Caller, sealCaller } from "../../api/request/callers.ts";

/** Who looks first, for nobody. */
const NOBODY: Caller = { name: "first look", isAdmin: false };

const LISTS = ["/api/events", "/api/ticket-types", "/api/changes"].map((path) => `${path}?limit=1`);

interface Looking {
  fetch: (request: Request) => Response | Promise<Response>;
  handover: string;
  /** Of an event that is shown, or of none. Rejects while PostgreSQL cannot be read. */
  readEventId: () => Promise<string | undefined>;
  signal: AbortSignal;
}

/**
 * Looks at each view once, one after the other, so that nobody waits while its code is compiled and its
 * connections are opened: half a second for some. It never rejects, and ends at the first view that fails:
 * whoever asks for that is told why.
 */
export async function firstLooks({ fetch, handover, readEventId, signal }: Looking) {
  const headers = { [CALLER_HEADER]: sealCaller(NOBODY, handover) };
  try {
    const eventId = await readEventId();
    for (const path of [...LISTS, ...pagePaths]) {
      if (signal.aborted) return;
      if (eventId === undefined && path.includes(":eventId")) continue;
      const shown = path.replace(":eventId", encodeURIComponent(eventId ?? ""));
      const answer = await fetch(new Request(`http://127.0.0.1${shown}`, { headers }));
      await answer.arrayBuffer();
      if (!answer.ok) return;
    }
  } catch {
    // There is nothing to look at, and nobody who looked.
  }
}
