import { show } from "./shown.ts";

/** Filters: what the form's own address would show, shown in place. Without the script Enter does it. */
export function forms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("[data-auto]")) return;
    event.preventDefault();
    void go(addressOf(form, event.submitter));
  });
  document.addEventListener("change", ({ target }) => {
    if (target instanceof Element)
      target.closest<HTMLFormElement>("form[data-auto]")?.requestSubmit();
  });
  addEventListener("popstate", () => void go(location.href, { isBack: true }));
}

/** What is empty is not asked for: a link of a view says only what makes it one. */
function addressOf(form: HTMLFormElement, submitter: HTMLElement | null): string {
  const address = new URL(form.action);
  address.search = "";
  for (const [name, value] of new FormData(form, submitter))
    if (typeof value === "string" && value !== "") address.searchParams.append(name, value);
  return address.href;
}

async function go(address: string, { isBack = false } = {}) {
  if (!isBack) history.pushState(null, "", address);
  const fetched = await show(address, { isNews: false });
  // The browser says what is wrong better than a page that stays as it was.
  if (fetched === "failed" || fetched === "gone") location.assign(address);
}
