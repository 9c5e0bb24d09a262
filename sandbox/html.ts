const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export const escapeHtml = (text: string) =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");

interface Page {
  title: string;
  style: string;
  /** HTML below the title. */
  body: string;
}

/** Seconds until a browser asks again. */
const REFRESH_S = 15;

/** A page for whoever looks at what is played: it loads nothing and runs nothing. */
export const htmlPage = ({ title, style, body }: Page) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${REFRESH_S}">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${body}
</body>
</html>
`;

/** What was received, one after the other. */
export const listed = (items: readonly string[]) =>
  items.length === 0 ? "<p>Nothing was received yet.</p>" : items.join("\n");
