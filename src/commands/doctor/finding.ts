import { messageOf } from "../../lib/failure.ts";
import { redactText } from "../../lib/logger.ts";

export const SETTINGS = "settings";

export interface Finding {
  check: string;
  state: "ok" | "wrong" | "unchecked";
  /** What was seen. */
  what: string;
  /** How to mend it; null where nothing is to be mended. */
  mend: string | null;
}

export const said = (error: unknown) => redactText(messageOf(error)) || "it does not answer";

export const ok = (check: string, what: string): Finding => ({
  check,
  what,
  mend: null,
  state: "ok",
});

export const unchecked = (check: string, what: string): Finding => ({
  check,
  what,
  mend: null,
  state: "unchecked",
});

export const wrong = (check: string, what: string, mend: string): Finding => ({
  check,
  what,
  mend,
  state: "wrong",
});
