import { html } from "hono/html";
import { thousands } from "../../lib/counted.ts";
import type { Digest, DigestEvent } from "./digest.ts";
import { aheadOf, digestParts, digestTitle, moreLines, NO_EVENT, sumLines } from "./digest-text.ts";

const CELL = "padding: 4px 10px 4px 0; border-bottom: 1px solid #e4e4e4; vertical-align: top";
const NUMBER = `${CELL}; text-align: right; white-space: nowrap`;

/** Styles stand in the elements, for mailboxes drop all others; nothing is loaded from anywhere. */
export function digestHtml(digest: Digest, link: string | null): string {
  const [wrong, , changes, launches] = digestParts(digest).map(
    ({ heading, lines }) => html`
    <h2 style="font-size: 15px; margin: 24px 0 4px">${heading}</h2>
    <ul style="margin: 0; padding-left: 20px">${lines.map((line) => html`<li>${line}</li>`)}</ul>`,
  );
  return String(html`<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>${digestTitle(digest)}</title></head>
  <body style="font: 14px/1.5 sans-serif; color: #1b1b1b; max-width: 760px">
    <h1 style="font-size: 18px">${digestTitle(digest)}</h1>
    ${wrong}
    <h2 style="font-size: 15px; margin: 24px 0 4px">On sale</h2>
    ${sumLines(digest).map((line) => html`<p style="margin: 0 0 4px">${line}</p>`)}
    ${digest.events.length === 0 ? html`<p>${NO_EVENT}</p>` : eventTable(digest)}
    ${changes}
    ${launches}
    ${link === null ? "" : html`<p><a href="${link}">The page</a></p>`}
  </body>
</html>`);
}

const eventTable = ({ events, moreEvents }: Digest) => html`
    <table style="border-collapse: collapse; font-size: 14px">
      <tr>
        ${["Event", "Account"].map((name) => html`<th style="${CELL}; text-align: left">${name}</th>`)}
        ${["24 h", "Sold", "Against usual", "Left"].map((name) => html`<th style="${NUMBER}">${name}</th>`)}
      </tr>
      ${events.map(eventRow)}
    </table>
    ${moreLines(moreEvents, "event").map((line) => html`<p>${line}</p>`)}`;

const eventRow = (event: DigestEvent) => html`<tr>
        <td style="${CELL}">${event.name}</td>
        <td style="${CELL}">${event.region}</td>
        <td style="${NUMBER}">${numberOf(event.soldInDay)}</td>
        <td style="${NUMBER}">${event.percentSold === null ? "–" : `${event.percentSold} %`}</td>
        <td style="${NUMBER}">${aheadOf(event) ?? "–"}</td>
        <td style="${NUMBER}">${numberOf(event.available)}</td>
      </tr>`;

const numberOf = (count: number | null) => (count === null ? "–" : thousands(count));
