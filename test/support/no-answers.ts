import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const send =
  (type: string | undefined, body: string, status = 200) =>
  (response: ServerResponse) => {
    response.writeHead(status, type === undefined ? {} : { "content-type": type });
    response.end(body);
  };
const SIGN_IN = "<!doctype html><html><title>Sign in</title><form>Who are you?</form></html>";
const json = (value: unknown, status = 200) =>
  send("application/json", JSON.stringify(value), status);

/** Answers everything with this error. */
export const refusing = (status: number, body: unknown) => json(body, status);

/** What says 200 and is no answer, as proxies, sign-in pages and broken connections give it. */
export const noAnswers: Record<string, (response: ServerResponse) => void> = {
  "a sign-in page": send("text/html; charset=utf-8", SIGN_IN),
  "a page that says it is JSON": send("application/json", SIGN_IN),
  "an empty body": send(undefined, ""),
  "an empty body that says it is JSON": send("application/json", ""),
  "no content": (response) => response.writeHead(204).end(),
  "JSON of another shape": json({ status: "ok", message: "Welcome" }),
  "an empty object": json({}),
  null: json(null),
  "a text": json("ok"),
  "cut off JSON": send("application/json", '{"rows": [{"_id": "68f0'),
  "a body that ends too early": (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": 5_000 });
    response.write('{"spreadsheetId": "mirrored", "rows": [', () => response.destroy());
  },
};

export interface Answering extends AsyncDisposable {
  url: string;
  /** `GET /path`, in the order in which they came. */
  asked: string[];
}

/** Answers everything in this way; `instead` has the answers that are right. */
export async function answering(
  answer: (response: ServerResponse) => void,
  instead: Record<string, unknown> = {},
): Promise<Answering> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    asked.push(`${request.method} ${path}`);
    request.resume();
    request.on("end", () => (path in instead ? json(instead[path])(response) : answer(response)));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  // The cast: a server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => ({ kind: "answered", value }),
    (error) => error,
  );
}
