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
  /**
   * The answer with this tag, in this coding, if it is there; if it is being made, a promise of it, which is of
   * nothing where it could not be made, or is nobody else's.
   */
  find(key: string): KeptAnswer | Promise<KeptAnswer | undefined> | undefined;
  /** Whoever asks the same from here on waits for this answer, until what is given back is called. */
  begin(key: string): () => void;
  /** Keeps the answer if it may be, gives it to those who wait for it, and gives it back. */
  keep(key: string, answer: Response): Promise<Response>;
}

interface Making {
  answer: Promise<KeptAnswer | undefined>;
  give: (answer?: KeptAnswer) => void;
  isAwaited: boolean;
}

/**
 * An answer is the same as long as its tag is: dashboards that ask the same question every few seconds get
 * what was made for the first of them, until a row is written or a status turns. Every open page asks at the
 * moment when that happens, so one of them has the answer made, and the others wait for it.
 */
export function keptAnswers({ mostBytes }: { mostBytes: number }): KeptAnswers {
  const kept = new LRUCache<string, KeptAnswer>({
    maxSize: mostBytes,
    maxEntrySize: LARGEST_BYTES,
    // A text of two bytes a letter, and what an entry takes beside it.
    sizeCalculation: ({ body }, key) => body.byteLength + 2 * key.length + 1_000,
  });
  const making = new Map<string, Making>();
  return {
    find(key) {
      const known = kept.get(key);
      if (known) return known;
      const made = making.get(key);
      if (made) made.isAwaited = true;
      return made?.answer;
    },
    begin(key) {
      const { promise: answer, resolve: give } = Promise.withResolvers<KeptAnswer | undefined>();
      const mine: Making = { answer, give, isAwaited: false };
      making.set(key, mine);
      return () => {
        if (making.get(key) === mine) making.delete(key);
        give(undefined);
      };
    },
    async keep(key, answer) {
      const made = making.get(key);
      if (!isWhole(answer) || (isLarge(answer) && !made?.isAwaited)) return answer;
      const body = await answer.arrayBuffer();
      const headers = HEADERS.flatMap((name) => {
        const said = answer.headers.get(name);
        return said === null ? [] : [[name, said]];
      });
      const whole = { body, headers: Object.fromEntries(headers) };
      if (body.byteLength <= LARGEST_BYTES) kept.set(key, whole);
      made?.give(whole);
      return new Response(body, answer);
    },
  };
}

function isWhole({ status, headers }: Response) {
  if (status !== 200 || headers.has("set-cookie")) return false;
  return WHOLE.test(headers.get("content-type") ?? "");
}

const isLarge = ({ headers }: Response) =>
  Number(headers.get("content-length") ?? 0) > LARGEST_BYTES;
