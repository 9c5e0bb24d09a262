import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiEnv } from "../api/request/problem.ts";
import chartStyles from "./chart/chart.css" with { type: "text" };
import { buildScript } from "./script.ts";
import eventStyles from "./styles/event.css" with { type: "text" };
import frameStyles from "./styles/frame.css" with { type: "text" };
import listStyles from "./styles/lists.css" with { type: "text" };
import printStyles from "./styles/print.css" with { type: "text" };
import tableStyles from "./styles/table.css" with { type: "text" };

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><rect width="20" height="20" rx="4" fill="#12171c"/><path d="M5 11v4M10 8v7M15 5v10" stroke="#ffd900" stroke-width="2.4"/></svg>`;

/** What pages load beside their HTML: each at an address that has its digest, and so never changes. */
export interface Assets {
  addressOf(name: AssetName): string;
  add(app: OpenAPIHono<ApiEnv>): void;
}

export type AssetName = keyof typeof types;
const types = {
  "page.css": "text/css; charset=utf-8",
  "page.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
} as const;

export async function pageAssets(): Promise<Assets> {
  const styles = [frameStyles, chartStyles, tableStyles, eventStyles, listStyles, printStyles];
  const files = new Map(
    Object.entries({
      "page.css": smaller(styles.join("\n")),
      "page.js": await buildScript(),
      "icon.svg": icon,
    }).map(
      // The cast: these are the names above.
      ([name, text]) => [name as AssetName, { text, path: pathOf(name, text) }],
    ),
  );
  return {
    addressOf(name) {
      const file = files.get(name);
      if (!file) throw new Error(`there is no ${name}`);
      return file.path;
    },
    add(app) {
      for (const [name, { text, path }] of files) {
        const forms = compressed(text);
        app.get(anyPathOf(name), async (c) => {
          const accepted = c.req.header("accept-encoding") ?? "";
          const { br, gzip: gz } = await forms();
          const encoding = /\bbr\b/.test(accepted) ? "br" : /\bgzip\b/.test(accepted) ? "gzip" : "";
          const body = encoding === "br" ? br : encoding === "gzip" ? gz : text;
          return c.body(body, 200, {
            "content-type": types[name],
            // A page of another version, while one takes the other's place, gets what is nearest to its own.
            "cache-control":
              c.req.path === path ? "public, max-age=31536000, immutable" : "no-store",
            vary: "Accept-Encoding",
            ...(encoding && { "content-encoding": encoding }),
          });
        });
      }
    },
  };
}

function pathOf(name: string, text: string) {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const [stem, ending] = name.split(".");
  return `/assets/${stem}.${hash}.${ending}`;
}

const anyPathOf = (name: string) => `/assets/:file{${name.replace(".", "\\.[0-9a-f]{12}\\.")}}`;

/** Compressed as well as can be, once, when somebody first asks, and not on the thread that answers. */
function compressed(text: string) {
  let forms: Promise<Record<"br" | "gzip", Uint8Array<ArrayBuffer>>> | undefined;
  return () => {
    forms ??= Promise.all([promisify(brotliCompress)(text), promisify(gzip)(text)]).then(
      ([br, gz]) => ({ br: Uint8Array.from(br), gzip: Uint8Array.from(gz) }),
    );
    return forms;
  };
}

/** Without remarks and indentation; what is left compresses as well as what a minifier makes. */
const smaller = (css: string) =>
  css
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\s*\n\s*/g, "\n")
    .replace(/ *([{};,]) *\n?/g, "$1")
    .replace(/: /g, ":")
    .trim();
