import { Idiomorph } from "idiomorph";
import { tintChanged } from "./changed.ts";

/**
 * What a fetch came to. `gone`: somebody else's page is there now, as after the key was removed. `overtaken`: by
 * another one, which says what there is.
 */
export type Fetched = "shown" | "same" | "failed" | "gone" | "overtaken";

let etag: string | null = null;
let asking: AbortController | undefined;
/** What somebody asked for and does not see yet is no news, whichever fetch brings it. */
let isAwaited = false;

/**
 * Fetches an address and shows what is there in the place of what is shown: focus, selection and scroll stay,
 * for what is the same is left alone. The last asked for is what is shown, however they answer.
 */
export async function show(address: string, { isNews }: { isNews: boolean }): Promise<Fetched> {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  isAwaited ||= !isNews;
  try {
    const answer = await fetch(address, {
      signal,
      headers: { accept: "text/html" },
      cache: "no-cache",
      credentials: "same-origin",
    });
    if (answer.status >= 500 || answer.status === 429) return "failed";
    const isOther = new URL(answer.url).pathname !== new URL(address, location.href).pathname;
    if (isOther || (isNews && !answer.ok)) return "gone";
    const tag = answer.headers.get("etag");
    if (!isAwaited && tag !== null && tag === etag) return "same";
    const text = await answer.text();
    if (signal.aborted) return "overtaken";
    // The address that it leads to means the same tomorrow.
    if (answer.redirected) history.replaceState(history.state, "", answer.url);
    etag = tag;
    replace(new DOMParser().parseFromString(text, "text/html"), !isAwaited);
    isAwaited = false;
    return "shown";
  } catch {
    return signal.aborted ? "overtaken" : "failed";
  }
}

function replace(next: Document, isNews: boolean) {
  const saying = isNews ? tintChanged() : undefined;
  const parts = [
    "main",
    ...[...document.querySelectorAll("[data-part]")].map(({ id }) => `#${id}`),
  ];
  for (const part of parts) {
    const [here, there] = [document.querySelector(part), next.querySelector(part)];
    if (here && there)
      Idiomorph.morph(here, there, { ignoreActiveValue: true, callbacks: callbacks(isNews) });
  }
  document.title = next.title;
  if (next.body.dataset.stream) document.body.dataset.stream = next.body.dataset.stream;
  else delete document.body.dataset.stream;
  saying?.();
  document.dispatchEvent(new Event("shown"));
}

/** What a person or this script did to the page is not undone by what the server does not know of. */
const OURS: Record<string, string> = {
  open: "details",
  role: ".chart-picture",
  tabindex: ".chart-picture",
  class: ".chart.is-read, tr.is-read",
  x1: ".chart-crosshair",
  x2: ".chart-crosshair",
};

const callbacks = (isNews: boolean) => ({
  beforeAttributeUpdated: (name: string, element: Element, way: "update" | "remove") =>
    !(OURS[name] && element.matches(OURS[name])) ||
    // What somebody asked for is not left folded.
    (name === "open" && way === "update" && !isNews),
  /** What is the same is not gone through: of a hundred rows with one new number each, most cells are. */
  beforeNodeMorphed: (element: Node, next: Node) =>
    !element.isEqualNode(next) &&
    // Texts come here as well, whatever their types say.
    !(element instanceof Element && element.matches(".chart.is-read .chart-reading")),
});
