import { areKeysOn, turnKeys } from "./small.ts";

const LIST: [string, string][] = [
  ["/", "find an event"],
  ["g e", "events"],
  ["g l", "launches"],
  ["g c", "changes"],
  ["g o", "operations"],
  ["j, k", "next and previous row"],
  ["Enter", "open the row"],
  ["← →", "read a chart, once it has the focus"],
  ["?", "this list"],
];

/** What keys do, and a switch: single letters get in the way of those who speak to their computer. */
export function toggleKeyList() {
  const there = document.querySelector<HTMLDialogElement>("dialog.key-list");
  if (there) return there.remove();
  const dialog = document.createElement("dialog");
  dialog.className = "key-list";
  dialog.setAttribute("aria-labelledby", "key-list-title");
  const title = child(dialog, "h2", "Keys");
  title.id = "key-list-title";
  const list = child(dialog, "dl");
  for (const [key, does] of LIST) {
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
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function child<Name extends keyof HTMLElementTagNameMap>(of: Element, name: Name, text = "") {
  const element = document.createElement(name);
  element.textContent = text;
  of.append(element);
  return element;
}
