import { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiEnv } from "../../src/api/request/problem.ts";
import { pageAssets } from "../../src/page/assets.ts";
import { buildScript } from "../../src/page/script.ts";

/** A page as the server writes them, with numbers that a test sets and news that it sends. */
export async function playPage() {
  const script = await buildScript();
  const assets = await pageAssets();
  const files = new OpenAPIHono<ApiEnv>();
  assets.add(files);
  const numbers = { munich: 100, paris: 7, minutes: 4 };
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const encoder = new TextEncoder();
  let isDown = false;
  let version = 1;
  let isSignedOut = false;
  let holding: PromiseWithResolvers<void> | undefined;
  let isRefusing = false;
  const asked: string[] = [];
  const server = Bun.serve({
    ...{ port: 0, hostname: "127.0.0.1", idleTimeout: 60 },
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      asked.push(pathname + search);
      if (/^\/assets\/page\.\d+\.js$/.test(pathname))
        return new Response(script, { headers: { "content-type": "text/javascript" } });
      if (pathname === assets.addressOf("page.css")) return files.fetch(request);
      if (pathname === "/assets/icon.svg") return new Response(null, { status: 204 });
      if (isDown) return new Response("", { status: 503 });
      if (pathname === "/api/stream")
        return isRefusing ? new Response("", { status: 503 }) : stream(request);
      await holding?.promise;
      const around = {
        stylesAt: assets.addressOf("page.css"),
        scriptAt: `/assets/page.${version}.js`,
      };
      if (pathname === "/sign-in") return new Response(signIn(around), { headers: PAGE });
      if (isSignedOut) return Response.redirect("/sign-in", 303);
      return new Response(page(search, numbers, around), { headers: PAGE });
    },
  });

  function stream(request: Request) {
    let mine: ReadableStreamDefaultController<Uint8Array> | undefined;
    request.signal.addEventListener("abort", () => mine && streams.delete(mine));
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        mine = controller;
        streams.add(controller);
        controller.enqueue(encoder.encode(": ping\n\n"));
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  function cut() {
    for (const one of streams) one.close();
    streams.clear();
  }

  return {
    url: `http://127.0.0.1:${server.port}`,
    numbers,
    asked,
    streams: () => streams.size,
    tell() {
      const frame = 'event: rows\nid: 1-a\ndata: {"position":1,"eventIds":["munich"]}\n\n';
      for (const one of streams) one.enqueue(encoder.encode(frame));
    },
    /** The service is gone, or there again. */
    turn(down: boolean) {
      isDown = down;
      if (down) cut();
    },
    /** The service is there, and has no room for one who follows. */
    refuseStreams() {
      isRefusing = true;
      cut();
    },
    /** Pages are asked for and nothing comes, until it is called off. */
    hold() {
      const now = Promise.withResolvers<void>();
      holding = now;
      return () => {
        holding = undefined;
        now.resolve();
      };
    },
    /** Another version of the service, with a script of its own. */
    upgrade() {
      version += 1;
    },
    signOut() {
      isSignedOut = true;
    },
    stop: () => server.stop(true),
  };
}

const PAGE = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
};

interface Around {
  stylesAt: string;
  scriptAt: string;
}

const signIn = ({ stylesAt, scriptAt }: Around) =>
  `<!doctype html><html lang="en"><head><title>Sign in</title><link rel="icon" href="/assets/icon.svg"><link rel="stylesheet" href="${stylesAt}"></head><body><main><form class="sign-in"></form></main><script src="${scriptAt}"></script></body></html>`;

function page(
  search: string,
  { munich, paris, minutes }: Record<"munich" | "paris" | "minutes", number>,
  { stylesAt, scriptAt }: Around,
) {
  const q = new URLSearchParams(search).get("q") ?? "";
  const row = (id: string, name: string, sold: number) =>
    `<tr id="event-${id}"><th class="name" scope="row"><a href="/events/${id}">${name}</a></th><td data-field="totalSold">${sold}</td><td data-field="status" data-value="ON_SALE">${minutes} min ago</td></tr>`;
  const rows = [row("munich", "Munich", munich), row("paris", "Paris", paris)]
    .filter((one) => one.toLowerCase().includes(q.toLowerCase()))
    .join("");
  return `<!doctype html><html lang="en"><head><title>Events ${q}</title><link rel="icon" href="/assets/icon.svg"><link rel="stylesheet" href="${stylesAt}"></head>
<body data-stream="/api/stream"><header id="head" data-part><nav aria-label="Views"><a href="/" data-key="e">Events</a> <a href="/launches" data-key="l">Launches <span>3 today</span></a></nav>
<form action="/" data-auto><input name="q" data-find aria-label="Find an event" value="${q}"><select name="region" aria-label="Region"><option value="">any</option><option>DACH</option></select></form>
<span data-live="live">Live, counted 4 min ago</span></header>
<main><h1>Events</h1><p id="words">Select these words</p><table class="events"><caption>Events</caption><thead><tr><th scope="col">Event</th><th scope="col">Sold</th></tr></thead><tbody>${rows}</tbody></table>
<details${q === "over" ? " open" : ""}><summary>More</summary><p>${"<span>much more</span> ".repeat(2000)}</p><table><tbody>${row("rome", "Rome", 9)}</tbody></table></details><label>Note <input id="note" value=""></label>
<figure class="chart" id="curve"><svg class="chart-picture" role="img" aria-label="Sold" width="400" height="100"><line class="chart-crosshair"/></svg><p class="chart-reading" aria-live="polite"></p>
<table><thead><tr><th>Day</th><th>Sold</th><th>Usual</th></tr></thead><tbody><tr data-at="0"><th>1 Nov</th><td>38.0 %</td><td></td></tr><tr data-at="100"><th>2 Nov</th><td>59.1 %</td><td>41.0 %</td></tr></tbody></table></figure></main>
<script src="${scriptAt}"></script></body></html>`;
}
