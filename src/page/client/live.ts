import { settled, show } from "./shown.ts";
import { onSignedOut } from "./small.ts";

/** After so many failed tries in a row the page is asked for every so often instead. */
const TRIES = 3;
const EVERY_MS = 30_000;
const SOON_MS = 5_000;
/** News that come together are shown together. */
const GATHER_MS = 150;
/** Times that pass ("in 4 min") are of the page; a page without news is asked for as often as these change. */
const MINUTE_MS = 60_000;

let source: EventSource | undefined;
let isGathering = false;
/** When the stream is opened again, and when the page is asked for again: one of each at most. */
let again: ReturnType<typeof setTimeout> | undefined;
let askAgain: ReturnType<typeof setTimeout> | undefined;
/** In a row: of the stream, and of the page. */
let failures = 0;
let pageFailures = 0;
let brokenSince: Date | undefined;

/** Something changed, so the same address once more: one renderer, one truth. */
export function live() {
  document.addEventListener("visibilitychange", follow);
  document.addEventListener("shown", () => {
    // Where it is broken it is opened again in its turn.
    if (isWanted() !== (source !== undefined || again !== undefined)) follow();
    else if (brokenSince) tell();
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    follow();
    if (!isWanted()) void check();
  });
  onSignedOut(() => void check());
  // The browser knows before anything is asked in vain.
  for (const name of ["offline", "online"]) addEventListener(name, lookAgain);
  setInterval(eachMinute, MINUTE_MS);
  follow();
}

let lastMinute = Date.now();

function eachMinute() {
  const hasSlept = Date.now() - lastMinute > 2 * MINUTE_MS;
  lastMinute = Date.now();
  if (!isWanted()) return;
  // A machine that slept may have a connection that nobody is at the other end of.
  if (hasSlept) {
    close();
    open();
  }
  lookAgain();
}

/** Whether this is still shown to whoever sits here, also where nothing is followed: of the past, or in another tab. */
async function check() {
  if ((await show(location.href, { isNews: true })) === "gone") location.reload();
}

const isWanted = () =>
  document.visibilityState === "visible" && document.body.dataset.stream !== undefined;

/** Open while somebody looks, closed while nobody does: a browser has six connections for a host. */
function follow() {
  if (!isWanted()) return close();
  if (source) return;
  const wasClosed = document.body.dataset.wasLive === "yes";
  open();
  // What happened while nobody looked was told to nobody.
  if (wasClosed) lookAgain();
}

function open() {
  forget();
  const stream = document.body.dataset.stream;
  if (stream === undefined) return;
  source = new EventSource(stream);
  source.addEventListener("open", () => {
    document.body.dataset.wasLive = "yes";
    const wasBroken = brokenSince !== undefined;
    failures = 0;
    brokenSince = undefined;
    tell();
    if (wasBroken) lookAgain();
  });
  for (const name of ["rows", "reset"]) source.addEventListener(name, lookAgain);
  source.addEventListener("error", broken);
}

function close() {
  forget();
  source?.close();
  source = undefined;
}

function forget() {
  clearTimeout(again);
  again = undefined;
}

/** The browser's own trying again ends where the answer is no stream, so it is done here. */
function broken() {
  close();
  failures += 1;
  brokenSince ??= new Date();
  tell();
  again = setTimeout(
    async () => {
      if (failures >= TRIES) await refresh();
      again = undefined;
      if (isWanted() && !source) open();
    },
    failures >= TRIES ? EVERY_MS : failures * 1_000,
  );
}

/** Soon: with whatever comes until then. */
export function lookAgain() {
  if (isGathering) return;
  isGathering = true;
  setTimeout(async () => {
    await settled();
    isGathering = false;
    void refresh();
  }, GATHER_MS);
}

async function refresh() {
  if (!isWanted()) return;
  const fetched = await show(location.href, { isNews: true });
  if (fetched === "overtaken") return;
  // The key was removed, or the page is another's: the browser shows what there is.
  if (fetched === "gone") return location.reload();
  clearTimeout(askAgain);
  if (fetched === "failed" || fetched === "unheard") {
    pageFailures += 1;
    brokenSince ??= new Date();
    tell();
    // Nobody hears either whether there is anything on it: it is opened again when somebody answers.
    if (fetched === "unheard") close();
    askAgain = setTimeout(lookAgain, pageFailures >= TRIES ? EVERY_MS : SOON_MS);
    return;
  }
  pageFailures = 0;
  if (!source && again === undefined) open();
  if (source?.readyState === EventSource.OPEN) {
    brokenSince = undefined;
    tell();
  }
}

/** The server says how fresh what it wrote is; that this browser hears of nothing newer only it can say. */
function tell() {
  const place = document.querySelector<HTMLElement>("[data-live]");
  if (!place) return;
  if (!brokenSince) {
    if (place.dataset.said !== undefined) place.textContent = place.dataset.said;
    delete place.dataset.said;
    place.dataset.live = "live";
    return;
  }
  if (place.dataset.live !== "broken") place.dataset.said = place.textContent ?? "";
  place.dataset.live = "broken";
  const since = brokenSince.toTimeString().slice(0, 5);
  place.textContent =
    Math.max(failures, pageFailures) >= TRIES
      ? `Not live since ${since}, looks every 30 s`
      : `Not live since ${since}, trying again`;
}
