import type { OpenAPIHono } from "@hono/zod-openapi";
import { keptRoutes } from "./kept.ts";
import { type Caller, isKeptToSome } from "./request/callers.ts";
import { type ApiEnv, problemOf } from "./request/problem.ts";

type Document = ReturnType<OpenAPIHono<ApiEnv>["getOpenAPI31Document"]>;
type Operation = NonNullable<NonNullable<NonNullable<Document["paths"]>[string]>["get"]>;

const text = { type: "string" as const };

const keptHeaders = {
  ETag: {
    description:
      "Names what was answered, compressed or not: send it as `If-None-Match` to be told whether it still holds.",
    schema: text,
    example: 'W/"4eXlW9tYqz3vJX0m2Kc8hQ7rTdA"',
  },
  "Cache-Control": {
    description:
      "`private, no-cache`: keep it, and ask before it is used again. `no-store` while rows are being made anew, after an upgrade.",
    schema: text,
    example: "private, no-cache",
  },
};

/**
 * What is answered alike by many routes is said here and not by each of them. It is the document of who reads
 * it: a partner's names no account but its own.
 */
export function withManners(document: Document, caller: Caller): Document {
  for (const [path, { get, post }] of Object.entries(document.paths ?? {})) {
    if (get) sayRead(get, path, caller);
    for (const operation of [get, post]) {
      if (!operation) continue;
      sayDoor(operation);
      sayHeaders(operation, ["401"], challenge);
      sayHeaders(operation, ["503"], retryAfter);
    }
  }
  return document;
}

function sayRead(operation: Operation, path: string, caller: Caller) {
  if (isKeptToSome(caller)) nameOwnAccounts(operation, caller);
  if (isKept(path)) sayKept(operation);
  if (operation.parameters?.some((one) => "name" in one && one.name === "cursor"))
    sayHeaders(operation, DONE, links);
}

/** What whoever asks hears before a route has the request. */
function sayDoor(operation: Operation) {
  // Of what is open to everybody nobody is asked how they take it.
  if (operation.security?.length === 0) {
    // Bun answers so before any of our code has the request; said where nothing else can be wrong.
    say(operation, 431, {
      description: "The address and the headers together are larger than 16 KiB.",
    });
    return;
  }
  sayHeaders(operation, DONE, rateHeaders);
  if (!operation.responses?.["403"])
    say(operation, 403, problemOf("The key is kept to some events, and this is of all of them."));
  say(operation, 429, {
    ...problemOf("More was asked than a key may, or too many wrong keys came from an address."),
    headers: { ...rateHeaders, ...retryAfter },
  });
  say(operation, 406, problemOf("`Accept` leaves out every form that there is."));
}

const rateHeaders = {
  "RateLimit-Policy": {
    description: "How many requests (`q`) a key has in a window of so many seconds (`w`).",
    schema: text,
    example: '"key";q=36000;w=60',
  },
  RateLimit: {
    description: "How many of them are left (`r`), and seconds until all are there again (`t`).",
    schema: text,
    example: '"key";r=35871;t=42',
  },
};

const retryAfter = {
  "Retry-After": {
    description: "Seconds to wait.",
    schema: { type: "integer" as const },
    example: 42,
  },
};

const challenge = {
  "WWW-Authenticate": {
    description:
      "Which ways of sending a key are taken: `Basic` where a person can be asked for one, `Bearer` elsewhere.",
    schema: text,
    example: 'Bearer realm="vivenu-event-monitor"',
  },
};

const links = {
  Link: {
    description:
      'Where the list goes on, `rel="next"`, relative to what was asked, a signed link with it; left out on its last page, and of files, which have every row.',
    schema: text,
    example: '<?limit=50&cursor=WyJldmVudCJd>; rel="next"',
  },
};

function nameOwnAccounts(operation: Operation, { accounts }: Caller) {
  const items = { ...text, ...(accounts && { enum: [...accounts] }) };
  const own = { schema: { type: "array" as const, items }, example: accounts?.slice(0, 2) };
  const { parameters = [] } = operation;
  operation.parameters = parameters.map((parameter) =>
    "name" in parameter && parameter.name === "region" ? { ...parameter, ...own } : parameter,
  );
}

const isKept = (path: string) => keptRoutes.has(path.replaceAll(/\{(\w+)\}/g, ":$1"));

function sayKept(operation: Operation) {
  operation.parameters = [
    ...(operation.parameters ?? []),
    {
      name: "If-None-Match",
      in: "header",
      description: "The `ETag` of an answer that is kept, or several of them.",
      schema: text,
    },
  ];
  sayHeaders(operation, DONE, keptHeaders);
  const description = "What is kept still holds; no rows were read.";
  say(operation, 304, { description, headers: keptHeaders });
}

/** As an operation answers that does what is asked. */
const DONE = ["200", "202"];

/** Of those of its answers that it has. */
function sayHeaders(operation: Operation, statuses: readonly string[], headers: object) {
  for (const status of statuses) {
    // The cast: zod-openapi writes no references into responses.
    const answer = operation.responses?.[status] as { headers?: object } | undefined;
    if (answer) answer.headers = { ...answer.headers, ...headers };
  }
}

function say(operation: Operation, status: number, response: object) {
  operation.responses = { ...operation.responses, [status]: response };
}
