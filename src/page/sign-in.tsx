import { createHash } from "node:crypto";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { addressOf } from "../api/access/address.ts";
import { rateLimiter } from "../api/access/rate-limit.ts";
import {
  cookieOf,
  isFromOwnPage,
  isLocal,
  isSecure,
  SESSION_S,
  sessionOf,
} from "../api/access/session.ts";
import type { ApiOptions } from "../api/app.ts";
import { isSame } from "../api/request/callers.ts";
import { type ApiEnv, problem } from "../api/request/problem.ts";
import { asHtml, pageHeaders } from "./answer.ts";
import type { Assets } from "./assets.ts";
import { Document } from "./layout.tsx";
import { lookOf } from "./look.ts";
import { Mark } from "./nav.tsx";

/** A minute of one address. */
const FAILED_SIGN_INS = 5;
const LONGEST_FORM = 4_096;

type Door = Pick<ApiOptions, "keys" | "clock" | "limits" | "logger" | "sealSecret">;

export function addSignIn(
  app: OpenAPIHono<ApiEnv>,
  assets: Assets,
  { keys, clock, limits, logger, sealSecret: secret }: Door,
) {
  const takeFailed = rateLimiter(FAILED_SIGN_INS, clock);

  app.get("/sign-in", async (c) => {
    const to = ownPath(c.req.query("to"));
    const isIn = !keys || sessionOf(c, { ring: await keys.read(), secret, now: clock.now() });
    return isIn ? c.redirect(to, 303) : form(c, { to });
  });

  app.post("/sign-in", bodyLimit({ maxSize: LONGEST_FORM, onError: tooLong }), async (c) => {
    if (!isFromOwnPage(c)) return problem(c, 403, NOT_OURS);
    const said = new URLSearchParams(await c.req.text());
    const to = ownPath(said.get("to") ?? undefined);
    if (!keys) return c.redirect(to, 303);
    if (!isSecure(c) && !isLocal(c))
      return problem(c, 403, "A key is only taken over HTTPS. Open this page with https://.");
    const address = addressOf(c, limits.trustedProxies);
    const room = takeFailed(address, 0);
    if (room.isOver) {
      c.header("retry-after", String(room.resetS));
      return form(c, { to, wrong: `Too many tries. Try again in ${room.resetS} s.` }, 429);
    }
    const digest = createHash("sha256")
      .update(said.get("key")?.trim() ?? "")
      .digest();
    const key = (await keys.read()).filter((one) => isSame(one.digest, digest))[0];
    if (!key) {
      takeFailed(address);
      logger.warn({ requestId: c.get("requestId") }, "sign_in.refused");
      return form(c, { to, wrong: "This key is not known. It may have been rotated." }, 403);
    }
    const expiresS = Math.floor(clock.now().getTime() / 1_000) + SESSION_S;
    c.header("set-cookie", cookieOf(c, { key, expiresS }, secret));
    logger.info({ key: key.name, requestId: c.get("requestId") }, "sign_in.done");
    return c.redirect(to, 303);
  });

  app.post("/sign-out", (c) => {
    if (!isFromOwnPage(c)) return problem(c, 403, NOT_OURS);
    c.header("set-cookie", cookieOf(c, undefined, secret));
    // What the browser has of these pages is gone with the session.
    c.header("clear-site-data", '"cache"');
    return c.redirect("/sign-in", 303);
  });

  function form(c: Context<ApiEnv>, said: SaidProps, status: 200 | 403 | 429 = 200) {
    const page = <SignIn assets={assets} look={lookOf(c, clock)} {...said} />;
    return c.html(asHtml(page), status, { ...pageHeaders, "cache-control": "no-store" });
  }
}

const NOT_OURS = "This form was not sent by a page of this service. Open /sign-in and try again.";

const tooLong = (c: Context<ApiEnv>) => problem(c, 413, "This is longer than any key.");

/** Where somebody wanted to go: an address here, and nobody else's. */
function ownPath(to: string | undefined): string {
  const base = "http://own.invalid";
  if (!to?.startsWith("/") || !URL.canParse(to, base)) return "/";
  const { origin, pathname, search, hash } = new URL(to, base);
  const isOwn =
    origin === base && !pathname.startsWith("//") && !/^\/sign-(in|out)\b/.test(pathname);
  return isOwn ? pathname + search + hash : "/";
}

interface SaidProps {
  to: string;
  wrong?: string;
}

interface SignInProps extends SaidProps {
  assets: Assets;
  look: ReturnType<typeof lookOf>;
}

const SignIn = ({ assets, look, to, wrong }: SignInProps) => (
  <Document assets={assets} title="Sign in">
    <main class="alone">
      <Mark look={look} />
      <h1>Event monitor</h1>
      <p>What is on sale, what is sold, how fast, and what changed.</p>
      <form class="sign-in" method="post" action="/sign-in">
        <label for="key">API key</label>
        <input
          id="key"
          name="key"
          type="password"
          autocomplete="current-password"
          required
          autofocus
          spellcheck={false}
          aria-invalid={wrong ? "true" : undefined}
          aria-describedby={wrong ? "wrong" : undefined}
        />
        {wrong ? (
          <p class="wrong" id="wrong" role="alert">
            {wrong}
          </p>
        ) : null}
        <input type="hidden" name="to" value={to} />
        <button class="is-strong" type="submit">
          Sign in
        </button>
      </form>
      <p class="muted">
        Whoever runs the service gives out keys. This browser stays signed in for 12 hours; the key
        itself is not kept in it.
      </p>
    </main>
  </Document>
);
