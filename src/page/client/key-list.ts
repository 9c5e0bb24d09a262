import { areKeysOn, turnKeys } from "./small.ts";

/**
 * The views' links by the letter that follows g. They keep what all links keep, as the instant of a page of the
 * past; what may not be opened has none.
 */
export const viewLinks = () =>
  new Map(
    [...document.querySelectorAll<HTMLAnchorElement>("nav a[data-key]")].map((link) => [
      link.dataset.key ?? "",
      link,
    ]),
  );

/** Beside its name a link has a picture and numbers. */
const nameOf = (link: Element) =>
  [...link.childNodes].find(({ nodeType }) => nodeType === Node.TEXT_NODE)?.textContent ?? "";

const listed = (): [string, string][] => [
  ["/", "find an event"],
  ...[...viewLinks()].map(([key, link]): [string, string] => [
    `g ${key}`,
    nameOf(link).trim().toLowerCase(),
  ]),
  ["j, k", "next and previous row"],
  ["Enter", "open the row"],
  ["← →", "read a chart, once it has the focus"],
  ["?", "this list"],
];

/**
 * What keys do, and a switch: single letters get in the way of those who speak to their computer. It is a popover
 * and no modal dialog: to make the whole page inert takes a phone as long as all else that a key does.
 */
export function toggleKeyList() {
  const there = document.querySelector<HTMLElement>(".key-list");
  if (there?.matches(":popover-open")) return there.hidePopover();
  there?.remove();
  const dialog = document.createElement("div");
  dialog.className = "key-list";
  dialog.popover = "auto";
  dialog.setAttribute("role", "dialog");
  dialog.setAttribute("aria-labelledby", "key-list-title");
  const title = child(dialog, "h2", "Keys");
  title.id = "key-list-title";
  const list = child(dialog, "dl");
  for (const [key, does] of listed()) {
    child(list, "dt", key);
    child(list, "dd", does);
  }
  const label = child(dialog, "label");
  const box = child(label, "input");
  box.type = "checkbox";
  box.checked = areKeysOn();
  box.addEventListener("change", () => turnKeys(box.checked));
  label.append(" Letters are keys");
  const close = child(dialog, "button", "Close");
  close.addEventListener("click", () => dialog.hidePopover());
  dialog.addEventListener("toggle", () => dialog.matches(":popover-open") || dialog.remove());
  // The browser gives it the focus, and gives it back afterwards.
  box.autofocus = true;
  document.body.append(dialog);
  dialog.showPopover();
}

function child<Name extends keyof HTMLElementTagNameMap>(of: Element, name: Name, text = "") {
  const element = document.createElement(name);
  element.textContent = text;
  of.append(element);
  return element;
}
