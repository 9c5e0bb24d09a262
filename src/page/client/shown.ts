import { Idiomorph } from "idiomorph";
import { tintChanged } from "./changed.ts";

/**
 * What a fetch came to. `failed`: the service says that it cannot. `unheard`: nothing came of it. `gone`: another
 * page is there now, as after the key was removed, or one that needs another script. `overtaken`: by another
 * fetch, which says what there is.
 */
export type Fetched = "shown" | "same" | "failed" | "unheard" | "gone" | "overtaken";

/** Where nothing gets through any more, nothing ends by itself. */
const PATIENCE_MS = 20_000;
/** While a new version is rolled out, each request may be answered by the other one. */
const YOUNG_MS = 60_000;

let etag: string | null = null;
let asking: AbortController | undefined;
let asked: Promise<unknown> = Promise.resolve();
/** What somebody asked for and does not see yet is no news, whichever fetch brings it. */
let isAwaited = false;

/**
 * Fetches an address and shows what is there in the place of what is shown: focus, selection and scroll stay,
 * for what is the same is left alone. The last asked for is what is shown, however they answer.
 */
export function show(address: string, { isNews }: { isNews: boolean }): Promise<Fetched> {
  asking?.abort();
  asking = new AbortController();
  isAwaited ||= !isNews;
  const fetched = fetchAndShow(address, isNews, asking);
  asked = fetched;
  return fetched;
}

/** When nothing is under way any more: news that came meanwhile do not end what others wait for. */
export async function settled() {
  for (let last: unknown; last !== asked; ) {
    last = asked;
    await last;
  }
}

async function fetchAndShow(
  address: string,
  isNews: boolean,
  asking: AbortController,
): Promise<Fetched> {
  const { signal } = asking;
  const late = setTimeout(() => asking.abort(LATE), PATIENCE_MS);
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
    const next = new DOMParser().parseFromString(text, "text/html");
    if (isOfOtherVersion(next) && (!isNews || mayReload())) return "gone";
    // The address that it leads to means the same tomorrow.
    if (answer.redirected) history.replaceState(history.state, "", answer.url);
    etag = tag;
    replace(next, !isAwaited);
    isAwaited = false;
    return "shown";
  } catch {
    return signal.aborted && signal.reason !== LATE ? "overtaken" : "unheard";
  } finally {
    clearTimeout(late);
  }
}

const LATE = "late";

/** Another version of the service has styles and a script that go with its pages. */
const isOfOtherVersion = (next: Document) => loadedBy(next) !== loadedBy(document);

const loadedBy = (page: Document) =>
  [...page.querySelectorAll("script[src], link[rel=stylesheet]")]
    .map((one) => one.getAttribute("src") ?? one.getAttribute("href"))
    .join();

/** Whoever writes something or reads a chart is not disturbed: the next news bring it. */
const mayReload = () =>
  performance.now() > YOUNG_MS &&
  !document.querySelector("input:focus, select:focus, textarea:focus, .chart.is-read");

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
