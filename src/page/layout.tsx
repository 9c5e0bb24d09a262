import type { Child } from "hono/jsx";
import type { Assets } from "./assets.ts";
import { AS_OF, here, href, type Look } from "./look.ts";
import { Find, Mark, Views } from "./nav.tsx";
import { TimeTravel, When } from "./time-travel.tsx";
import { ago, moment } from "./words.ts";

export interface FrameProps {
  look: Look;
  title: string;
  /** When the newest of the counts began that are shown: one that says nothing new is not kept. */
  countedAt?: string | null | undefined;
  /** Small numbers beside the views' names. */
  news?: News | undefined;
  /** What is below follows the rows as they change. */
  isLive?: boolean;
  children: Child;
}

export interface News {
  launchesToday: number;
  /** More than are counted have a plus. */
  changesToday: string;
}

/** What every view is in: its head with the views and the moment, and its foot. */
export const Frame =
  (assets: Assets) =>
  ({ look, title, countedAt, news, isLive = true, children }: FrameProps) => (
    <Document assets={assets} title={title} stream={isLive && !look.asOf}>
      <a class="skip" href="#main">
        To the content
      </a>
      <header class="head" id="head" data-part>
        <Mark look={look} />
        <Views look={look} news={news} />
        <Find look={look} />
        <Standing look={look} countedAt={countedAt} isLive={isLive} />
        <When look={look} />
      </header>
      <TimeTravel look={look} />
      <main id="main" tabindex={-1}>
        {children}
      </main>
      <Foot look={look} />
    </Document>
  );

export interface DocumentProps {
  assets: Assets;
  title: string;
  /** Whether the script follows what changes. */
  stream?: boolean;
  /** Where it leads by itself. */
  refresh?: string;
  children: Child;
}

/** The page around whatever is on it: nothing is inline, and nothing comes from anywhere but here. */
export const Document = ({ assets, title, stream = false, refresh, children }: DocumentProps) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      {refresh === undefined ? null : <meta http-equiv="refresh" content={`0; url=${refresh}`} />}
      <title>{`${title} · Event monitor`}</title>
      <link rel="icon" href={assets.addressOf("icon.svg")} type="image/svg+xml" />
      <link rel="stylesheet" href={assets.addressOf("page.css")} />
      <script src={assets.addressOf("page.js")} defer />
    </head>
    <body data-stream={stream ? "/api/stream" : undefined}>{children}</body>
  </html>
);

interface StandingProps extends Pick<FrameProps, "look" | "countedAt" | "isLive"> {}

function Standing({ look, countedAt, isLive }: StandingProps) {
  if (!isLive) return null;
  if (look.asOf)
    return (
      <p class="standing">
        <span class="dot is-past" /> Not live: an earlier moment
      </p>
    );
  const at = countedAt ? new Date(countedAt) : undefined;
  return (
    <p class="standing">
      <span class="dot is-live" />
      <span data-live="live" title={at && moment(at, look.zone)}>
        {at
          ? `Last change ${ago(at, look.now)}`
          : countedAt === null
            ? "Not counted yet"
            : "Up to date"}
      </span>
    </p>
  );
}

const Foot = ({ look }: { look: Look }) => (
  <footer class="foot" id="foot" data-part>
    <a href={href(look, "/how")}>How the numbers are made</a>
    <a href="/docs">API</a>
    <span>{`Times ${look.zone ? `of ${look.zone}` : "of each event’s own place, else UTC"}`}</span>
    {look.asOf ? <a href={here(look, { [AS_OF]: undefined })}>Back to now</a> : null}
    {look.hasSession ? (
      <form class="sign-out" method="post" action="/sign-out">
        <span>
          Signed in as <b>{look.caller?.name}</b>
        </span>
        <button type="submit">Sign out</button>
      </form>
    ) : null}
  </footer>
);
