import { z } from "zod";
import { Secret } from "./secret.ts";
import { names, SHORTEST_KEY, type Values, whole } from "./values.ts";

const webOrigins = names.pipe(
  z.array(z.string().refine(isWebOrigin, "must be origins like https://dashboard.example.com")),
);

const apiKeys = (shortest: number) =>
  names
    .pipe(
      z
        .array(z.string().min(shortest, `must be ${shortest} characters at least`))
        .min(1, "names no key"),
    )
    .transform((keys) => keys.map((key) => new Secret(key)));

/** As browsers name where a page comes from: nothing behind the port. */
function isWebOrigin(text: string) {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

export const apiVariables = {
  BACKEND_API_KEY: apiKeys(SHORTEST_KEY).describe(
    `What callers of the API send, ${SHORTEST_KEY} characters at least; comma-separated while a key is being rotated.`,
  ),
  API_AT_WORK: whole(1, 1_000)
    .default(6)
    .describe("Requests under `/api` that are worked on at one time; of downloads one."),
  API_WAITING: whole(0, 100_000)
    .default(64)
    .describe("Requests that wait for their turn; more are answered with 503 and `Retry-After`."),
  API_STREAMS: whole(0, 10_000)
    .default(200)
    .describe(
      "Streams of `/api/stream` that are open at one time in a replica; more are answered with 503 and `Retry-After`.",
    ),
  CORS_ORIGINS: webOrigins
    .default([])
    .describe(
      "Origins of pages that may ask the API from a browser, comma-separated, like `https://dashboard.example.com`; unset, none may.",
    ),
};

/** On a developer's own machine the API may do without a key: it answers only that machine. */
export const devApiVariables = { ...apiVariables, BACKEND_API_KEY: apiKeys(1).optional() };

export const apiSettings = (e: Values<typeof devApiVariables>) => ({
  keys: e.BACKEND_API_KEY,
  origins: e.CORS_ORIGINS,
  streams: e.API_STREAMS,
  bounds: { atWork: e.API_AT_WORK, waiting: e.API_WAITING },
});
