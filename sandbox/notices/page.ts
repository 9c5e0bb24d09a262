import { escapeHtml, htmlPage, listed } from "../html.ts";
import type { Received } from "./received.ts";

const STYLE = `
  body { margin: 24px auto; max-width: 760px; padding: 0 16px; font: 14px/1.5 system-ui, sans-serif; color: #1d1c1d; background: #f8f8f8 }
  article { margin: 12px 0; padding: 12px 16px; background: #fff; border: 1px solid #ddd; border-radius: 6px }
  h2 { margin: 0; font-size: 15px }
  p { margin: 2px 0 8px; color: #616061 }
  pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit }
`;

const names = { slack: "Slack", webhook: "Webhook", email: "E-mail" };

/** What was received, newest first, as text. */
export function noticesPage(received: readonly Received[]): string {
  const items = received.toReversed().map(
    ({ by, at, title, text, to }) => `<article>
      <h2>${escapeHtml(title)}</h2>
      <p>${names[by]} · ${escapeHtml(at)}${to.length > 0 ? ` · to ${escapeHtml(to.join(", "))}` : ""}</p>
      <pre>${escapeHtml(text)}</pre>
    </article>`,
  );
  return htmlPage({ title: "Notices", style: STYLE, body: listed(items) });
}
