import { html } from "hono/html";
import type { Message } from "../notices/words.ts";

/** Every name is escaped by the template; nothing is loaded from anywhere. */
export const emailHtml = ({ title, lines, link }: Message): string =>
  String(html`<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>${title}</title></head>
  <body style="font: 15px/1.5 sans-serif; color: #1b1b1b">
    <h1 style="font-size: 17px">${title}</h1>
    <ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>
    ${link === null ? "" : html`<p><a href="${link}">On the page</a></p>`}
  </body>
</html>`);
