import { LRUCache } from "lru-cache";

/** A larger one is made anew for whoever asks: it would take the place of hundreds. */
const LARGEST_BYTES = 512 * 1024;

/** What an answer says of itself. The rest is said of the request, and by whoever answers it. */
const HEADERS = [
  "content-type",
  "content-encoding",
  "content-security-policy",
  "link",
  "etag",
  "cache-control",
  "vary",
];

/** Only what is made whole is kept: files are streamed, and made for one who asks. */
const WHOLE = /^(application\/json|text\/html)\b/;

export interface KeptAnswer {
  body: ArrayBuffer;
  headers: Readonly<Record<string, string>>;
}

/** Answers by the tag that they had, in the process that answers requests. */
export interface KeptAnswers {
  /** The answer with this tag, in this coding, if it is there. */
  find(key: string): KeptAnswer | undefined;
  /** Keeps the answer if it may be, and gives it back. */
  keep(key: string, answer: Response): Promise<Response>;
}

/**
 * An answer is the same as long as its tag is: dashboards that ask the same question every few seconds get
 * what was made for the first of them, until a row is written or a status turns.
 */
export function keptAnswers({ mostBytes }: { mostBytes: number }): KeptAnswers {
  const kept = new LRUCache<string, KeptAnswer>({
    maxSize: mostBytes,
    maxEntrySize: LARGEST_BYTES,
    // A text of two bytes a letter, and what an entry takes beside it.
    sizeCalculation: ({ body }, key) => body.byteLength + 2 * key.length + 1_000,
  });
  return {
    find: (key) => kept.get(key),
    async keep(key, answer) {
      if (!mayBeKept(answer)) return answer;
      const body = await answer.arrayBuffer();
      const headers = HEADERS.flatMap((name) => {
        const said = answer.headers.get(name);
        return said === null ? [] : [[name, said]];
      });
      kept.set(key, { body, headers: Object.fromEntries(headers) });
      return new Response(body, answer);
    },
  };
}

function mayBeKept({ status, headers }: Response) {
  if (status !== 200 || headers.has("set-cookie")) return false;
  if (Number(headers.get("content-length") ?? 0) > LARGEST_BYTES) return false;
  return WHOLE.test(headers.get("content-type") ?? "");
}
