import { show } from "./shown.ts";

/** Filters: what the form's own address would show, shown in place. Without the script Enter does it. */
export function forms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("[data-auto]")) return;
    event.preventDefault();
    void go(addressOf(form, event.submitter), form.dataset.auto === "step" ? "step" : "new");
  });
  document.addEventListener("input", ({ target }) => {
    if (target instanceof HTMLInputElement && target.type === "range") tellDays(target);
  });
  document.addEventListener("change", ({ target }) => {
    const form = target instanceof Element && target.closest<HTMLFormElement>("form[data-auto]");
    if (form) afterPaint(() => form.requestSubmit());
  });
  addEventListener("popstate", () => {
    // A link to a part of the page leads to no other one.
    if (pageOf(location.href) !== shown) void go(location.href, "back");
  });
}

const pageOf = (address: string) => address.split("#")[0];

/** The address of what is shown, or asked for. */
let shown = pageOf(location.href);

/** What a field shows of a change is seen first: a phone takes as long again to ask for what follows from it. */
const afterPaint = (act: () => void) => requestAnimationFrame(() => setTimeout(act));

/** What is empty is not asked for: a link of a view says only what makes it one. */
function addressOf(form: HTMLFormElement, submitter: HTMLElement | null): string {
  const address = new URL(form.action);
  address.search = "";
  for (const [name, value] of new FormData(form, submitter))
    if (typeof value === "string" && value !== "") address.searchParams.append(name, value);
  return address.href;
}

/** What a slider stands at, while it is moved and before anything is asked for. */
function tellDays(slider: HTMLInputElement) {
  const days = -slider.valueAsNumber;
  const words = days === 0 ? "now" : days === 1 ? "1 day ago" : `${days} days ago`;
  slider.setAttribute("aria-valuetext", words);
  const place = slider.form?.querySelector("output");
  if (place) place.textContent = words;
}

/** Of a slider's many steps there is one place in the history. */
async function go(address: string, way: "new" | "step" | "back") {
  // Enter changes a field and sends its form: both lead to one place.
  const isOther = address !== location.href;
  if (isOther && (way === "new" || (way === "step" && !isStep(history.state))))
    history.pushState(way, "", address);
  else if (way === "step") history.replaceState(way, "", address);
  shown = pageOf(address);
  const fetched = await show(address, { isNews: false });
  // The browser says what is wrong better than a page that stays as it was.
  // It has the address already; one that names a part of the page would be taken for a way within it.
  if (["failed", "unheard", "gone"].includes(fetched)) location.reload();
  if (fetched === "shown") shown = pageOf(location.href);
}

const isStep = (state: unknown) => state === "step";
