import { createHash } from "node:crypto";
import { z } from "zod";
import { type ConfiguredKey, DEFAULT_KEY, readKeys } from "./api-keys.ts";
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
  API_KEYS: z
    .string()
    .transform((text, context) => {
      const { keys, faults } = readKeys(text);
      for (const message of faults) context.addIssue({ code: "custom", message });
      return faults.length > 0 ? z.NEVER : keys;
    })
    .default([])
    .describe(
      "More keys, each with a name and scopes, comma-separated: `name:scopes:sha256`, as the command `api-key` prints it. Scopes are `read` or `admin`, and what a partner's key is kept to: `read+account=DACH`, `read+event=<id>`.",
    ),
  API_KEYS_FILE: z
    .string()
    .optional()
    .describe(
      "A file with more of them, one a line. It is read again when it changes: keys come and go without a restart.",
    ),
  API_RATE_LIMIT: whole(1, 100_000_000)
    .default(36_000)
    .describe("Requests a minute of one key at one process; more are answered with 429."),
  API_FAILED_KEYS: whole(1, 1_000_000)
    .default(60)
    .describe("Wrong keys a minute of one address; more are answered with 429 and not 401."),
  TRUSTED_PROXIES: whole(0, 10)
    .default(0)
    .describe(
      "How many proxies stand before the service: so many of the last addresses in `X-Forwarded-For` were written by them.",
    ),
  API_AT_WORK: whole(1, 1_000)
    .default(6)
    .describe("Requests under `/api` that are worked on at one time; of downloads one."),
  API_WAITING: whole(0, 100_000)
    .default(256)
    .describe("Requests that wait for their turn; more are answered with 503 and `Retry-After`."),
  API_STREAMS: whole(0, 10_000)
    .default(200)
    .describe(
      "Streams of `/api/stream` that are open at one time in a replica; more are answered with 503 and `Retry-After`.",
    ),
  CORS_ORIGINS: webOrigins
    .default([])
    .describe(
      "Origins of pages that may ask the API from a browser, comma-separated, like `https://dashboard.example.com`; unset, none may. In `dev` those of this machine may as well (`localhost`, `127.0.0.1`, `[::1]`, at any port).",
    ),
};

/** On a developer's own machine the API may do without a key: it answers only that machine. */
export const devApiVariables = { ...apiVariables, BACKEND_API_KEY: apiKeys(1).optional() };

export const apiSettings = (e: Values<typeof devApiVariables>, { dev }: { dev: boolean }) => ({
  keys: e.BACKEND_API_KEY,
  named: [...(e.BACKEND_API_KEY ?? []).map(defaultKey), ...e.API_KEYS],
  keysFile: e.API_KEYS_FILE,
  limits: {
    perKey: e.API_RATE_LIMIT,
    failedPerAddress: e.API_FAILED_KEYS,
    trustedProxies: e.TRUSTED_PROXIES,
  },
  origins: e.CORS_ORIGINS,
  // A dashboard that is being built is served by this machine, at a port of its own.
  isLoopbackLetIn: dev,
  streams: e.API_STREAMS,
  bounds: { atWork: e.API_AT_WORK, waiting: e.API_WAITING },
});

const defaultKey = (key: Secret): ConfiguredKey => ({
  name: DEFAULT_KEY,
  isAdmin: false,
  digest: new Secret(createHash("sha256").update(key.reveal()).digest("hex")),
});
