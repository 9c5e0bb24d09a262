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
    const button = target instanceof Element ? target.closest("[data-copy]") : null;
    if (button) void copy(button);
  });
}

async function copy(button: Element) {
  try {
    await navigator.clipboard.writeText(location.href);
    button.textContent = "Copied";
    say("The link is copied");
  } catch {
    // A page over plain HTTP may not; the address bar has it all the same.
    button.textContent = "Copy it from the address bar";
  }
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
