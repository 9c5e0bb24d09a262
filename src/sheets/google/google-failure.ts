import { gaxios } from "google-auth-library";
import { z } from "zod";
import { Failure, messageOf } from "../../lib/failure.ts";

interface AttemptOptions<Data> {
  /** Whether it is what was asked for: Google's client takes any body of a 200 for an answer. */
  isAnswer: (data: Data) => boolean;
  told?: ((outcome: "answered" | "refused" | "failed") => void) | undefined;
  /** Told what time Google has. */
  onDate?: ((theirs: Date) => void) | undefined;
}

export const notAnAnswer = (what: string) =>
  new Failure(
    "unavailable",
    `${what} was answered with something else than was asked for: is a proxy in between?`,
  );

/** Says of a call what its caller can do; the client's own errors carry the request and its token. */
export async function attempt<Data>(
  what: string,
  call: Promise<{ data: Data; headers?: unknown }>,
  { isAnswer, told, onDate }: AttemptOptions<Data>,
): Promise<Data> {
  try {
    const { data, headers } = await call;
    tellDate(headers, onDate);
    if (!isAnswer(data)) throw notAnAnswer(`Google Sheets ${what}`);
    told?.("answered");
    return data;
  } catch (error) {
    // A clock that is off is why Google refuses a token: what it says then counts most.
    if (error instanceof gaxios.GaxiosError) tellDate(error.response?.headers, onDate);
    const failure = failureOf(what, error);
    told?.(failure.kind === "refused" ? "refused" : "failed");
    throw failure;
  }
}

/** By HTTP/1.1 the client gives `Headers`, by HTTP/2 an object. */
function tellDate(headers: unknown, onDate?: (theirs: Date) => void) {
  if (typeof headers !== "object" || headers === null) return;
  const date =
    headers instanceof Headers ? headers.get("date") : "date" in headers ? headers.date : undefined;
  const theirs = new Date(typeof date === "string" ? date : "");
  if (!Number.isNaN(theirs.getTime())) onDate?.(theirs);
}

function failureOf(what: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  // A key that cannot sign fails before anything is sent, and will fail again.
  if (!(error instanceof gaxios.GaxiosError)) {
    return new Failure("refused", `Google Sheets ${what} could not be sent: ${messageOf(error)}`);
  }
  const { status, code } = error;
  const message = wordsOf(error);
  if (status === undefined) {
    return new Failure("unavailable", `Google Sheets ${what} got no answer: ${message}`, { code });
  }
  const reasons = reasonsIn(error.response?.data);
  const passing =
    status === 408 || status === 429 || status >= 500 || reasons.some((one) => PASSING.has(one));
  const kind = passing ? "unavailable" : "refused";
  // No request of ours: it says nothing of the spreadsheet nor of any tab.
  if (isForToken(error)) {
    const advice = passing ? "" : ` (${TOKEN_ADVICE})`;
    return new Failure(kind, `Google gave no token (${status}): ${message}${advice}`);
  }
  const advice = passing ? undefined : adviceFor(status, reasons);
  return new Failure(
    kind,
    `Google Sheets ${what} was answered with ${status}: ${message}${advice ? ` (${advice})` : ""}`,
    { status },
  );
}

/** The library has words for a refusal as its tokens' service gives it; what a gateway before that says is an object to it. */
function wordsOf(error: gaxios.GaxiosError): string {
  const message = messageOf(error);
  if (!message.includes("[object Object]")) return message;
  const { error: said } = Answered.safeParse(error.response?.data).data ?? {};
  return said?.message ?? "without a word of why";
}

const isForToken = ({ config }: gaxios.GaxiosError) => config.url.pathname === "/token";

const Answered = z.object({
  error: z.object({
    message: z.string().optional(),
    status: z.string().optional(),
    errors: z.array(z.object({ reason: z.string().optional() })).optional(),
    details: z.array(z.object({ reason: z.string().optional() })).optional(),
  }),
});

/** Google's own names for why it did not do it: the newer in `details`, those of older services in `errors`. */
function reasonsIn(body: unknown): string[] {
  const { error } = Answered.safeParse(body).data ?? {};
  const named = [...(error?.details ?? []), ...(error?.errors ?? [])];
  return [...named.flatMap(({ reason }) => reason ?? []), ...(error?.status ? [error.status] : [])];
}

/** A quota that is used up is 429 by now, and was 403. */
const PASSING = new Set([
  ...["RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED", "rateLimitExceeded", "userRateLimitExceeded"],
  ...["quotaExceeded", "dailyLimitExceeded"],
]);

/** Google's message says of these already what to do. */
const SAYS_IT_ITSELF = new Set(["SERVICE_DISABLED", "accessNotConfigured"]);

const TOKEN_ADVICE =
  "is the service account there and enabled, and GOOGLE_PRIVATE_KEY one of its keys that was not deleted?";

function adviceFor(status: number, reasons: readonly string[]): string | undefined {
  if (reasons.some((one) => SAYS_IT_ITSELF.has(one))) return undefined;
  if (reasons.includes("FAILED_PRECONDITION"))
    return "is it a file of Excel's in Google Drive? Save it as a Google spreadsheet, and take that one's id";
  return ADVICE[status];
}

/** What most often stands behind it, for whoever reads the log or /status. */
const ADVICE: Readonly<Record<number, string>> = {
  401: "is the service account still there and enabled?",
  403: "is the spreadsheet shared with the service account as an editor?",
  404: "is there a spreadsheet with this id?",
};
