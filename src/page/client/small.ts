import { say } from "./say.ts";

const YEAR_S = 31_536_000;
const KEYS = "keys";

/** The server writes launches in this clock. Whether it did not know it yet. */
export function rememberZone(): boolean {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (document.cookie.split("; ").includes(`tz=${zone}`)) return false;
  const secure = location.protocol === "https:" ? "; secure" : "";
  // Set by its name, because the newer way to set a cookie is there on pages over HTTPS alone.
  Reflect.set(document, "cookie", `tz=${zone}; path=/; max-age=${YEAR_S}; samesite=lax${secure}`);
  return true;
}

export function copyLinks() {
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLElement>("[data-copy]") : null;
    if (button) void copy(button);
  });
}

const TOLD_MS = 4_000;

async function copy(button: HTMLElement) {
  button.dataset.does ??= button.textContent ?? "";
  try {
    await navigator.clipboard.writeText(location.href);
    tell(button, "Copied", "The link is copied");
  } catch {
    // A page over plain HTTP may not; the address bar has it all the same.
    tell(button, "Copy it from the address bar");
  }
}

/** What a button came to, and after a while again what it does. */
function tell(button: HTMLElement, text: string, said = text) {
  button.textContent = text;
  say(said);
  setTimeout(() => {
    button.textContent = button.dataset.does ?? button.textContent;
  }, TOLD_MS);
}

/** Some browsers keep nothing for a page: then keys are on. */
export function areKeysOn(): boolean {
  try {
    return localStorage.getItem(KEYS) !== "off";
  } catch {
    return true;
  }
}

export function turnKeys(isOn: boolean) {
  try {
    localStorage.setItem(KEYS, isOn ? "on" : "off");
  } catch {
    // They stay on.
  }
}

const LEFT = "signed-out";

/** Where one signs in nobody is signed in, and other tabs learn of it. */
export function tellSignedOut() {
  if (!isSignIn()) return;
  try {
    localStorage.setItem(LEFT, String(Date.now()));
  } catch {
    // They learn of it when they ask for their page again.
  }
}

export function onSignedOut(act: () => void) {
  addEventListener("storage", ({ key }) => key === LEFT && !isSignIn() && act());
}

const isSignIn = () => document.querySelector("form.sign-in") !== null;
