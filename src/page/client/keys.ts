import { toggleKeyList, viewLinks } from "./key-list.ts";
import { areKeysOn } from "./small.ts";

const FOLLOWS_MS = 2_000;

/** Where letters are written, or mean something already. */
const WRITTEN = "input, select, textarea, [contenteditable]";

export function keys() {
  let wentAt = Number.NEGATIVE_INFINITY;
  document.addEventListener("keydown", (event) => {
    const { key, target, timeStamp } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (target instanceof Element && target.closest(WRITTEN)) return;
    if (key === "?") return taken(event, toggleKeyList);
    if (!areKeysOn() || document.querySelector(".key-list:popover-open")) return;
    const link = timeStamp - wentAt < FOLLOWS_MS ? viewLinks().get(key) : undefined;
    wentAt = key === "g" ? timeStamp : Number.NEGATIVE_INFINITY;
    if (link) return taken(event, () => location.assign(link.href));
    if (key === "/") return taken(event, find);
    if (key === "j" || key === "k") return taken(event, () => step(key === "j" ? 1 : -1));
  });
}

function taken(event: KeyboardEvent, act: () => void) {
  event.preventDefault();
  act();
}

function find() {
  const input = document.querySelector<HTMLInputElement>("input[data-find]");
  input?.focus();
  input?.select();
}

/** Along the rows' own links: Enter opens them without us. */
function step(by: 1 | -1) {
  const links = [...document.querySelectorAll<HTMLAnchorElement>("main tbody th a[href]")];
  // Whoever asks whether one is visible has what is folded away laid out.
  const visible = links.filter((link) => !link.closest("details:not([open])"));
  const now = visible.findIndex((link) => link.matches(":focus"));
  const next = now < 0 ? (by === 1 ? 0 : visible.length - 1) : now + by;
  visible[Math.min(Math.max(next, 0), visible.length - 1)]?.focus();
}
