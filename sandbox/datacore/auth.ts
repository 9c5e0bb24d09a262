import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { Problem } from "./problem.ts";

const API_KEY = /^fc_([^_]+)_([^_]+)$/;

export interface Auth {
  /** `ApiKey <id>:<key>`, as every service takes it. */
  forApi: MiddlewareHandler;
  /** Ingestion also takes the key alone, in the header or as `?key=`. */
  forIngestion: MiddlewareHandler;
}

export function authBy(apiKey: string): Auth {
  const [, id] = API_KEY.exec(apiKey) ?? [];
  if (!id) throw new Error("the API key must have the form fc_<id>_<secret>");
  const isApiKey = same(`ApiKey ${id}:${apiKey}`);
  const isRawKey = same(apiKey);

  return {
    async forApi(c, next) {
      if (!isApiKey(c.req.header("authorization"))) throw unauthorized();
      await next();
    },
    async forIngestion(c, next) {
      const header = c.req.header("authorization");
      const known = isApiKey(header) || isRawKey(header) || isRawKey(c.req.query("key"));
      if (!known) throw unauthorized();
      await next();
    },
  };
}

const unauthorized = () => new Problem(401, "Unauthorized");

/** Compares digests, so that neither the time nor the length tells anything of the key. */
function same(expected: string) {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const wanted = digest(expected);
  return (given: string | undefined) => timingSafeEqual(digest(given ?? ""), wanted);
}
