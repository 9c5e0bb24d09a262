import { z } from "zod";
import { isZone } from "../lib/zones.ts";
import { kindNames, subjects } from "../notify/notices/kinds.ts";
import { severities } from "../rules/severity.ts";
import { Secret } from "./secret.ts";

const list = <Item extends z.ZodType>(item: Item) =>
  z.preprocess(
    (value) => (Array.isArray(value) ? value : [value]),
    z.array(item).min(1, "names nothing"),
  );
const text = z.string().min(1, "is empty");
const region = text.transform((name) => name.toUpperCase());
const severityNames = severities.toReversed().join(", ");
const severity = z.enum(severities, `must be one of ${severityNames}`);
const time = text.regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time like 07:30");
const zone = text.refine(isZone, "must be a timezone like Europe/Berlin");
const address = text.regex(/^[^\s@<>"',;]+@[^\s@<>"',;]+$/, "must be an e-mail address");
const sender = text.regex(
  /^([^<>\r\n"]+ <[^\s@<>"',;]+@[^\s@<>"',;]+>|[^\s@<>"',;]+@[^\s@<>"',;]+)$/,
  // An address as an example would be hidden in the log.
  "must be an e-mail address, or a name and one between < and >",
);

/** Nobody on the way may read it; on this machine there is no way. */
const url = (schemes: string, secure: string) =>
  text
    .refine(
      (given) => URL.canParse(given) && new RegExp(`^(${schemes}):$`).test(new URL(given).protocol),
      `must be an address that begins with ${secure}://`,
    )
    .refine(
      (given) =>
        !URL.canParse(given) ||
        new URL(given).protocol === `${secure}:` ||
        secure === "smtps" ||
        isHere(new URL(given).hostname),
      `must begin with ${secure}://`,
    )
    .transform((given) => new Secret(given));
const isHere = (host: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);
const webUrl = url("https?", "https");

/** As Standard Webhooks has them: `whsec_` and 24 to 64 bytes in base64. */
const signingKey = text
  .refine((key) => {
    const [, encoded = ""] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(key) ?? [];
    const bytes = Buffer.from(encoded, "base64").length;
    return bytes >= 24 && bytes <= 64;
  }, "must be whsec_ and 24 to 64 bytes in base64, as `openssl rand -base64 32` makes them")
  .transform((key) => new Secret(key));

const kindsOfChannel = "must have exactly one of slack, webhook and email";
const Channel = z
  .strictObject({
    slack: webUrl.optional(),
    webhook: webUrl.optional(),
    keys: list(signingKey).optional(),
    email: list(address).optional(),
  })
  .refine(
    ({ slack, webhook, email }) => [slack, webhook, email].filter(Boolean).length === 1,
    kindsOfChannel,
  )
  .refine(
    ({ webhook, keys }) => (webhook === undefined) === (keys === undefined),
    "keys are for a webhook, and it needs them",
  );

const Rule = z.strictObject({
  to: list(text),
  regions: list(region).optional(),
  events: list(text).optional(),
  kinds: list(z.enum(kindNames, `must be some of ${kindNames.join(", ")}`)).optional(),
  of: list(z.enum(subjects, `must be some of ${subjects.join(", ")}`)).optional(),
  severity: severity.optional(),
});

export const NotifyDocument = z.strictObject({
  channels: z
    .record(
      text.regex(/^[a-z0-9][a-z0-9_-]{0,39}$/i, "must be a name of letters, digits, - and _"),
      Channel,
    )
    .refine((channels) => Object.keys(channels).length > 0, "names none"),
  rules: z.array(Rule).default([]),
  quiet: z
    .strictObject({
      from: time,
      to: time,
      zone,
      despite: z
        .union([severity, z.literal("none")], {
          error: `must be one of ${severityNames}, none`,
        })
        .default("critical"),
    })
    .refine(({ from, to }) => from !== to, "must not begin when it ends")
    .optional(),
  digest: z
    .strictObject({ to: list(text), at: time, zone, regions: list(region).optional() })
    .optional(),
  smtp: z.strictObject({ url: url("smtps?", "smtps"), from: sender }).optional(),
  page: text
    .refine(
      (given) => URL.canParse(given) && /^https?:$/.test(new URL(given).protocol),
      "must be the page's address",
    )
    .transform((given) => given.replace(/\/+$/, ""))
    .optional(),
});

export type NotifyDocument = z.output<typeof NotifyDocument>;

/** What fits together can be said of a document with other faults as well. */
export const Outline = z.object({
  channels: z.record(z.string(), z.looseObject({ email: z.unknown().optional() }).catch({})),
  rules: z.array(z.object({ to: list(z.string()) }).catch({ to: [] })).catch([]),
  digest: z
    .object({ to: list(z.string()) })
    .optional()
    .catch(undefined),
  smtp: z.unknown().optional(),
});

export type Outline = z.output<typeof Outline>;

/** What a setting may be called, wherever it stands. */
export const settingNames = [
  ...Object.keys(NotifyDocument.shape),
  ...Object.keys(Rule.shape),
  "slack",
  "webhook",
  "keys",
  "email",
  "from",
  "zone",
  "despite",
  "at",
  "url",
];
