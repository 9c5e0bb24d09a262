import type { Severity } from "../rules/severity.ts";
import type { Kind, Subject } from "./notices/kinds.ts";

/** A value that is shown to nobody. */
export interface Hidden {
  reveal(): string;
}

export type ChannelSettings =
  | { type: "slack"; name: string; url: Hidden }
  /** Signed with every key, so that the receiver may change to another one when it likes. */
  | { type: "webhook"; name: string; url: Hidden; keys: readonly Hidden[] }
  /** `formerly` it was called so, where it had others beside it, or none. */
  | { type: "email"; name: string; to: readonly string[]; formerly: string };

/** What is absent leaves nothing out. */
export interface Rule {
  to: readonly string[];
  regions?: readonly string[] | undefined;
  events?: readonly string[] | undefined;
  kinds?: readonly Kind[] | undefined;
  of?: readonly Subject[] | undefined;
  /** As grave as this, or graver. */
  severity?: Severity | undefined;
}

/** By the clock on the wall of a zone, like `22:00`. */
export interface QuietHours {
  from: string;
  to: string;
  zone: string;
  /** As grave as this nothing waits; null where everything does. */
  despite: Severity | null;
}

export interface DigestSettings {
  to: readonly string[];
  at: string;
  zone: string;
  regions?: readonly string[] | undefined;
}

export interface NotifySettings {
  channels: readonly ChannelSettings[];
  rules: readonly Rule[];
  quiet: QuietHours | undefined;
  digest: DigestSettings | undefined;
  smtp: { url: Hidden; from: string } | undefined;
  /** Where the page is, for links. */
  page: string | undefined;
}
