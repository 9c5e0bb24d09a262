import { ClientError, type Command, FlowcoreClient, NotFoundException } from "@flowcore/sdk";
import { Failure } from "../lib/failure.ts";

export interface FlowcoreAccess {
  apiKey: string;
  /** Where a stand-in listens; absent, the SDK's own hosts. */
  baseUrl?: string | undefined;
}

export function flowcoreClient({ apiKey, baseUrl }: FlowcoreAccess) {
  // The SDK repeats a failed POST by itself, and a repeated append is a second fact: no retries here,
  // the loops around have their own.
  const client = new FlowcoreClient({ apiKey, retry: null });
  if (baseUrl) client.setBaseUrl(baseUrl.replace(/\/+$/, ""));
  return client;
}

/** Runs a command with a limit, which the SDK does not have, and sorts what goes wrong. */
export async function execute<Input, Output>(
  client: FlowcoreClient,
  command: Command<Input, Output>,
  timeoutMs: number,
): Promise<Output> {
  const limit = Promise.withResolvers<never>();
  const name = command.constructor.name;
  const timer = setTimeout(
    () =>
      limit.reject(
        new Failure("unavailable", `Flowcore did not answer in ${timeoutMs} ms`, {
          command: name,
          timeoutMs,
        }),
      ),
    timeoutMs,
  );
  try {
    return await Promise.race([client.execute(command), limit.promise]);
  } catch (error) {
    throw sorted(error, name);
  } finally {
    clearTimeout(timer);
  }
}

/** What Flowcore says of a request. Anything else in the 400s is of the way there, and the next try may pass. */
const REFUSALS = new Set([400, 401, 403, 404, 409, 413, 422]);
const TOO_LARGE = 413;
const SOMETHING_ELSE =
  "Flowcore's address answered with something else than was asked for: is a proxy in between?";

/** The SDK lets through what its reading of a 200 threw: the way back that broke, or a text that is none of Flowcore's. */
function unreadable(error: unknown): string {
  if (error instanceof TypeError && "code" in error) return "Flowcore broke off its answer";
  // The parser names the sign at which it stopped: a page of HTML has one at its beginning that JSON never has.
  if (error instanceof SyntaxError && !error.message.includes("'<'"))
    return "Flowcore sent an answer that is cut off or not JSON";
  return SOMETHING_ELSE;
}

function sorted(error: unknown, command: string): unknown {
  if (error instanceof Failure) return error;
  if (error instanceof NotFoundException)
    return new Failure("missing", `Flowcore has not got what ${command} asks for`, {}, error);
  if (!(error instanceof ClientError))
    return new Failure("unavailable", unreadable(error), { command }, error);
  const { status, body } = error;
  // Flowcore's own are JSON, which the SDK keeps: others are a proxy's. A request may be too large for either.
  const isOfProxy = status >= 400 && status < 500 && typeof body !== "object";
  if (isOfProxy && status !== TOO_LARGE) {
    const what = `something before Flowcore answered ${status}, and not Flowcore`;
    return new Failure("unavailable", what, { status, command });
  }
  const kind = REFUSALS.has(status) ? "refused" : "unavailable";
  const what = inWords[status] ?? `Flowcore answered ${status}`;
  return new Failure(kind, what, { status, command });
}

/** What an operator reads in /status; the rest are told by their number. */
const inWords: Record<number, string> = {
  0: "Flowcore cannot be reached",
  401: "Flowcore does not accept the API key (401): it was revoked, is another tenant's, or reads an event type that is not there and that `datacore apply` creates",
  403: "Flowcore does not allow this to the API key (403): its IAM policy lacks a permission on the data core, or names it by its name instead of its id",
  422: "Flowcore does not understand the question (422): flow types or event types may differ from flowcore.yaml",
};
