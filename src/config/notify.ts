import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Document, isCollection, isNode, parseDocument, visit } from "yaml";
import { z } from "zod";
import type { ChannelSettings, NotifySettings } from "../notify/settings.ts";
import { NotifyDocument, Outline, settingNames } from "./notify-document.ts";
import { slipsBetween } from "./unknown-names.ts";
import type { Given, Values } from "./values.ts";

/**
 * Who is told of what: one document that a person writes, as YAML or as JSON. It holds addresses that are
 * secrets, so it is one itself.
 */
export const notifyVariables = {
  NOTIFICATIONS: z
    .string()
    .optional()
    .describe(
      "Who is told what, by which channel, as YAML: [`docs/notifications.md`](notifications.md). Unset, nobody is told anything. It holds secrets.",
    ),
  NOTIFICATIONS_FILE: z
    .string()
    .optional()
    .describe("A file with the same, where `NOTIFICATIONS` is unset. It is read at the start."),
};

export const notifySettings = (e: Values<typeof notifyVariables>): NotifySettings | undefined =>
  read(e).settings;

/** Every fault of the document, in words that quote none of it. */
export const notifyFaults = (given: Given) =>
  read({ NOTIFICATIONS: given.NOTIFICATIONS, NOTIFICATIONS_FILE: given.NOTIFICATIONS_FILE }).faults;

interface Read {
  settings: NotifySettings | undefined;
  faults: string[];
}

function read({
  NOTIFICATIONS: text,
  NOTIFICATIONS_FILE: path,
}: Values<typeof notifyVariables>): Read {
  if (text !== undefined && path !== undefined)
    return {
      settings: undefined,
      faults: ["NOTIFICATIONS and NOTIFICATIONS_FILE are both set; one of them is enough"],
    };
  if (text !== undefined) return parse("NOTIFICATIONS", text);
  if (path === undefined) return { settings: undefined, faults: [] };
  try {
    return parse("NOTIFICATIONS_FILE", readFileSync(path, "utf8"));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "no file";
    return { settings: undefined, faults: [`NOTIFICATIONS_FILE cannot be read (${code})`] };
  }
}

function parse(name: string, text: string): Read {
  const none = (faults: string[]) => ({
    settings: undefined,
    faults: faults.map((fault) => `${name} ${fault}`),
  });
  // Pretty errors would quote the line, and it may hold a secret.
  const document = parseDocument(text, { prettyErrors: false });
  const lineOf = (at: number) => `line ${text.slice(0, at).split("\n").length}`;
  const broken = document.errors.map(
    ({ code, pos: [at] }) => `is no YAML in ${lineOf(at)} (${code})`,
  );
  if (broken.length > 0) return none(broken);
  const odd = oddities(document).map(({ what, at, todo }) => `has ${what} in ${lineOf(at)}${todo}`);
  if (odd.length > 0) return none(odd);
  const given: unknown = document.toJS({ maxAliasCount: 0 });
  const parsed = NotifyDocument.safeParse(given);
  if (!parsed.success) {
    const outline = Outline.safeParse(given);
    return none([
      ...parsed.error.issues.flatMap(faultsOf),
      ...(outline.success ? mismatches(outline.data) : []),
    ]);
  }
  const faults = mismatches(parsed.data);
  return faults.length > 0 ? none(faults) : { settings: settingsOf(parsed.data), faults: [] };
}

/** YAML that no setting is written in: what is read of it would not be what stands there. */
function oddities(document: Document) {
  const found: { what: string; at: number; todo: string }[] = [];
  visit(document, {
    Alias(_, { range }) {
      const todo = ": write out what it stands for";
      found.push({ what: "an alias", at: range?.[0] ?? 0, todo });
    },
    Pair(_, { key }) {
      if (!isCollection(key)) return;
      const at = (isNode(key) && key.range?.[0]) || 0;
      found.push({ what: "a list or a map in the place of a name", at, todo: "" });
    },
  });
  return found;
}

const NAME = /^(?!whsec_)[a-z0-9][a-z0-9_-]{0,39}$/i;

/** A name that is none may be an address or a key in a wrong place, and nobody is to read it in a log. */
const quoted = (name: string) =>
  NAME.test(name) ? JSON.stringify(name) : "something that is no name";

const shown = (name: string) => (NAME.test(name) ? name : "(no name)");

/** Where it is nearly one: `region`, `kind`, `servity`. */
function meant(key: string): string {
  const near = settingNames
    .map((name) => ({ name, slips: slipsBetween(key.toLowerCase(), name, MOST_SLIPS) }))
    .filter(({ name, slips }) => slips <= MOST_SLIPS && slips * 2 < name.length)
    .sort((one, other) => one.slips - other.slips);
  return near[0] ? ` there; did you mean ${near[0].name}?` : " there";
}

const MOST_SLIPS = 2;

function faultsOf(issue: z.core.$ZodIssue): string[] {
  const names = issue.path.map(String).map(shown);
  const where = names.join(".") || "the document";
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => `${where} has ${quoted(key)}, which is no setting${meant(key)}`);
  if (issue.code === "invalid_key") {
    const key = quoted(String(issue.path.at(-1) ?? ""));
    const of = names.slice(0, -1).join(".");
    return issue.issues.map(({ message }) => `${of} has ${key}, which ${message}`);
  }
  if (issue.code !== "invalid_type") return [`${where} ${issue.message}`];
  // An id of digits with an e among them is a number in YAML.
  const wanted = issue.expected === "string" ? "text; put it between quotes" : issue.expected;
  return [`${where} must be ${wanted}`];
}

/** What fits by itself and not together. */
function mismatches({ channels, rules, digest, smtp }: Outline): string[] {
  const known = Object.keys(channels);
  const used = new Set([...rules.flatMap(({ to }) => to), ...(digest?.to ?? [])]);
  const unknown = (to: readonly string[], where: string) =>
    to
      .filter((one) => !known.includes(one))
      .map((one) => `${where}.to names ${quoted(one)}; there are ${known.map(shown).join(", ")}`);
  const needsMail = Object.values(channels).some(({ email }) => email !== undefined);
  return [
    ...rules.flatMap(({ to }, index) => unknown(to, `rules.${index}`)),
    ...(digest ? unknown(digest.to, "digest") : []),
    ...known
      .filter((name) => !used.has(name))
      .map((name) => `channels.${shown(name)} is told nothing: no rule and no digest names it`),
    ...(needsMail && !smtp ? ["smtp is missing: a channel is an e-mail's"] : []),
  ];
}

function settingsOf({ channels, quiet, ...document }: NotifyDocument): NotifySettings {
  const all = Object.entries(channels).map(([name, channel]) => ({
    name,
    own: channelsOf(name, channel),
  }));
  const expanded = (to: readonly string[]) =>
    to.flatMap((one) => all.find(({ name }) => name === one)?.own.map(({ name }) => name) ?? []);
  return {
    channels: all.flatMap(({ own }) => own),
    rules: document.rules.map((rule) => ({ ...rule, to: expanded(rule.to) })),
    quiet: quiet && { ...quiet, despite: quiet.despite === "none" ? null : quiet.despite },
    digest: document.digest && { ...document.digest, to: expanded(document.digest.to) },
    smtp: document.smtp,
    page: document.page,
  };
}

/**
 * Of an e-mail's several receivers each is a channel of its own: what one of them refuses is sent once more to
 * that one alone. They are called by what does not change when others come or go, and tells no address.
 */
function channelsOf(
  name: string,
  { slack, webhook, keys = [], email = [] }: NotifyDocument["channels"][string],
): ChannelSettings[] {
  if (slack) return [{ type: "slack", name, url: slack }];
  if (webhook) return [{ type: "webhook", name, url: webhook, keys }];
  // Mail servers look at no address's case, and its channel would be there twice under one name.
  const addresses = [...new Map(email.map((one) => [one.toLowerCase(), one])).values()];
  const [only, ...others] = addresses.map((address) => ({
    type: "email" as const,
    name: `${name}/${digestOf(address)}`,
    to: [address],
    formerly: name,
  }));
  if (!only) return [];
  return others.length === 0 ? [{ ...only, name, formerly: only.name }] : [only, ...others];
}

const digestOf = (address: string) =>
  createHash("sha256").update(address.toLowerCase()).digest("hex").slice(0, 6);
