import type { Random } from "../random.ts";

/** A request, and the server that it came to. */
export interface Line {
  request: Request;
  server: { timeout(request: Request, seconds: number): void };
}

/** A body that fails before its first byte makes Bun reset the connection, without a status line. */
export const reset = () =>
  new Response(
    new ReadableStream({
      start: (controller) => controller.error(),
    }),
  );

/** Says nothing until the caller gives up, or for `holdMs`; then the connection is reset. */
export async function hang(line: Line, holdMs?: number): Promise<Response> {
  await hold(line, holdMs);
  return reset();
}

/** Waits for so long, or until the caller gives up; the server's own patience does not end it. */
export async function hold({ request, server }: Line, ms?: number) {
  server.timeout(request, 0);
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
  request.signal.addEventListener("abort", () => resolve(), { once: true });
  if (request.signal.aborted) resolve();
  await promise;
  clearTimeout(timer);
}

/** 200 and a page for people, as an egress proxy answers that wants somebody to sign in. */
export const signInPage = () =>
  new Response("<!doctype html><html><title>Sign in</title><p>Sign in to go on.</p></html>", {
    headers: { "content-type": "text/html; charset=utf-8" },
  });

/** The same answer up to a random place in its body; a JSON document is none any more. */
export async function truncated(answer: Response, random: Random): Promise<Response> {
  const text = await answer.text();
  return new Response(text.slice(0, Math.floor(random() * text.length)), {
    status: answer.status,
    headers: { "content-type": answer.headers.get("content-type") ?? "application/json" },
  });
}
