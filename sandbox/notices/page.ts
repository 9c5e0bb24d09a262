import type { Received } from "./received.ts";

const names = { slack: "Slack", webhook: "Webhook", email: "E-mail" };

/** What was received, newest first, as text; it loads nothing and runs nothing. */
export function noticesPage(received: readonly Received[]): string {
  const items = received.toReversed().map(
    ({ by, at, title, text, to }) => `<article>
      <h2>${escapeHtml(title)}</h2>
      <p>${names[by]} · ${escapeHtml(at)}${to.length > 0 ? ` · to ${escapeHtml(to.join(", "))}` : ""}</p>
      <pre>${escapeHtml(text)}</pre>
    </article>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="15">
<title>Notices</title>
<style>
  body { margin: 24px auto; max-width: 760px; padding: 0 16px; font: 14px/1.5 system-ui, sans-serif; color: #1d1c1d; background: #f8f8f8 }
  article { margin: 12px 0; padding: 12px 16px; background: #fff; border: 1px solid #ddd; border-radius: 6px }
  h2 { margin: 0; font-size: 15px }
  p { margin: 2px 0 8px; color: #616061 }
  pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit }
</style>
</head>
<body>
<h1>Notices</h1>
${items.length === 0 ? "<p>Nothing was received yet.</p>" : items.join("\n")}
</body>
</html>`;
}

const escapeHtml = (text: string) =>
  text.replace(
    /[&<>"']/g,
    (letter) =>
      ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[letter] ?? "",
  );
