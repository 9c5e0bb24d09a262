import type { Context, MiddlewareHandler } from "hono";
import { z } from "zod";
import { insteadOf } from "../api/answer/instead-of.ts";
import type { ApiEnv } from "../api/request/problem.ts";
import type { Clock } from "../lib/clock.ts";
import { asHtml, pageHeaders } from "./answer.ts";
import type { Assets } from "./assets.ts";
import { Document, Frame } from "./layout.tsx";
import { lookOf, ownAddress } from "./look.ts";

const Said = z.object({ detail: z.string(), requestId: z.string() });

/** What is not for people has its own way of saying that something went wrong. */
const forPrograms =
  /^\/(api|assets|docs|webhooks?|health|ready|metrics|status|openapi\.json)(\/|$)/;

const titles: Record<number, string> = {
  400: "This address cannot be read.",
  403: "This is not for this key.",
  404: "There is nothing here.",
  405: "This cannot be done here.",
  429: "That was too often.",
  500: "Something is wrong on our side.",
  503: "It cannot be read at the moment.",
};

/**
 * Whatever went wrong, as a page for who asked for one: the same status and the same words. Who has to sign in
 * is led there, and from there back.
 */
export const faultPages =
  (assets: Assets, clock: Clock): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    await next();
    const { status, headers } = c.res;
    if (!headers.get("content-type")?.startsWith("application/problem+json")) return;
    if (forPrograms.test(c.req.path) || !asksForPage(c)) return;
    if (status === 401) {
      insteadOf(c, isFromElsewhere(c) ? againFromHere(c, assets) : toSignIn(c));
      return;
    }
    const said = Said.parse(await c.res.json());
    const View = Frame(assets);
    const look = lookOf(c, clock);
    const title = titles[status] ?? "That did not work.";
    const kept = ["retry-after", "allow"].flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    const page = new Response(
      asHtml(
        <View look={look} title={title} isLive={false}>
          <section class="state is-fault">
            <h1>{title}</h1>
            <p>{said.detail}</p>
            <p>
              {status >= 500 || status === 429 ? (
                <a class="button" href={ownAddress(c)}>
                  Try again
                </a>
              ) : null}{" "}
              <a class="button" href="/">
                All events
              </a>
            </p>
            <p class="muted">{`Request ${said.requestId}`}</p>
          </section>
        </View>,
      ),
      { status, headers: { ...pageHeaders, ...Object.fromEntries(kept) } },
    );
    insteadOf(c, page);
  };

const asksForPage = (c: Context) => c.req.header("accept")?.includes("text/html") ?? false;

function toSignIn(c: Context) {
  const isRead = ["GET", "HEAD"].includes(c.req.raw.method);
  const to = isRead ? ownAddress(c) : "/";
  const location = to === "/" ? "/sign-in" : `/sign-in?to=${encodeURIComponent(to)}`;
  return new Response(null, { status: 303, headers: { location } });
}

/** A link in a message leads here from another site, and then browsers leave the session out. */
const isFromElsewhere = (c: Context) =>
  c.req.raw.method === "GET" && c.req.header("sec-fetch-site") === "cross-site";

/** The same address asked for by a page of ours: then the session comes with it, where there is one. */
function againFromHere(c: Context, assets: Assets) {
  const address = ownAddress(c);
  return new Response(
    asHtml(
      <Document assets={assets} title="One moment" refresh={address}>
        <main class="alone">
          <p>
            <a href={address}>Open the page</a>
          </p>
        </main>
      </Document>,
    ),
    { headers: pageHeaders },
  );
}
