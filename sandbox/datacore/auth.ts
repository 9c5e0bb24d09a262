import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { Problem } from "./problem.ts";

const API_KEY = /^fc_([^_]+)_([^_]+)$/;

export interface Auth {
  /** `ApiKey <id>:<key>`, or the bearer token of who signed in, as every service takes it. */
  forApi: MiddlewareHandler;
  /** Ingestion also takes the key alone, in the header or as `?key=`. */
  forIngestion: MiddlewareHandler;
  /** A socket cannot send headers: its address has the key or the token. */
  forSocket(query: URLSearchParams): boolean;
}

export function authBy(apiKey: string, bearerToken?: string): Auth {
  const [, id] = API_KEY.exec(apiKey) ?? [];
  if (!id) throw new Error("the API key must have the form fc_<id>_<secret>");
  const isApiKey = same(`ApiKey ${id}:${apiKey}`);
  const isRawKey = same(apiKey);
  const isToken = bearerToken === undefined ? () => false : same(bearerToken);
  const isBearer = (header = "") => isToken(/^Bearer (.+)$/i.exec(header)?.[1]);

  return {
    // Probes: flowcore/no-key, flowcore/wrong-key, flowcore/raw-key-is-for-ingestion,
    // flowcore/bearer, flowcore/wrong-bearer.
    async forApi(c, next) {
      const header = c.req.header("authorization");
      if (!isApiKey(header) && !isBearer(header)) throw unauthorized();
      await next();
    },
    // Probes: flowcore/ingest-key-in-query, flowcore/ingest-wrong-key, flowcore/ingest-bearer.
    async forIngestion(c, next) {
      const header = c.req.header("authorization");
      const known = isApiKey(header) || isRawKey(header) || isRawKey(c.req.query("key"));
      if (!known) throw unauthorized();
      await next();
    },
    // Probe: flowcore/notification-wrong-key.
    forSocket: (query) =>
      isRawKey(query.get("api_key") ?? undefined) || isToken(query.get("token") ?? undefined),
  };
}

const unauthorized = () => new Problem(401, "Unauthorized");

/** Compares digests, so that neither the time nor the length tells anything of the key. */
function same(expected: string) {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const wanted = digest(expected);
  return (given: string | undefined) => timingSafeEqual(digest(given ?? ""), wanted);
}
