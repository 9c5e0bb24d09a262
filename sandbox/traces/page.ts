import { escapeHtml, htmlPage, listed } from "../html.ts";
import type { ReceivedSpan } from "./span.ts";

const MOST = 50;

const STYLE = `
  body { margin: 24px auto; max-width: 1100px; padding: 0 16px; font: 14px/1.5 system-ui, sans-serif; color: #1d1c1d }
  h2 { font-size: 14px }
  td, th { padding: 2px 12px 2px 0; text-align: left; vertical-align: top; overflow-wrap: anywhere }
`;

/** The newest traces, each with its spans as they began. */
export function tracesPage(spans: readonly ReceivedSpan[]): string {
  const byTrace = [...Map.groupBy(spans, ({ traceId }) => traceId)].slice(-MOST).reverse();
  const items = byTrace.map(([traceId, own]) => {
    const sorted = own.toSorted((a, b) => a.startedAt - b.startedAt);
    const first = sorted[0]?.startedAt ?? 0;
    const rows = sorted.map(
      ({ name, startedAt, endedAt, isError, attributes, resource }) =>
        `<tr><td>${escapeHtml(String(resource["vivenu_event_monitor.process"] ?? ""))}<td>${escapeHtml(name)}${isError ? " failed" : ""}` +
        `<td>${ms(startedAt - first)}<td>${ms(endedAt - startedAt)}<td>${escapeHtml(JSON.stringify(attributes))}`,
    );
    return `<h2>${escapeHtml(traceId)}</h2>
      <table><tr><th>process<th>span<th>begins<th>takes<th>says${rows.join("")}</table>`;
  });
  return htmlPage({ title: "Traces", style: STYLE, body: listed(items) });
}

const ms = (value: number) => `${value.toFixed(0)} ms`;
