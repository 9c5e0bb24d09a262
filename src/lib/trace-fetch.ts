import { currentTraceparent, traced } from "./tracing.ts";

/**
 * Bun's `fetch` is no module that packages for tracing could wrap, and Flowcore's and Google's clients take the
 * global one: so that is wrapped. A request within a trace is a span of it, which names host and status and
 * nothing else of it: an address may be a secret. Nothing is added to the request. Returns how it is undone.
 */
export function traceFetch(collector: string): () => void {
  const plain = globalThis.fetch;
  const wrapped = (input: string | URL | Request, init?: RequestInit) => {
    const parent = currentTraceparent();
    const { origin, hostname, port } = addressOf(input);
    if (parent === undefined || origin === collector) return plain(input, init);
    const method = (
      init?.method ?? (input instanceof Request ? input.method : "GET")
    ).toUpperCase();
    const attributes = {
      "http.request.method": method,
      "server.address": hostname,
      ...(port !== "" && { "server.port": Number(port) }),
    };
    return traced(method, { kind: "client", attributes }, async (span) => {
      const response = await plain(input, init);
      span.set({ "http.response.status_code": response.status });
      return response;
    });
  };
  globalThis.fetch = Object.assign(wrapped, { preconnect: plain.preconnect });
  return () => {
    globalThis.fetch = plain;
  };
}

function addressOf(input: string | URL | Request) {
  try {
    return new URL(input instanceof Request ? input.url : input);
  } catch {
    return { origin: "", hostname: "", port: "" };
  }
}
