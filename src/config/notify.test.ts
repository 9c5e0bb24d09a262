import { expect, test } from "bun:test";
import { redactText } from "../lib/redact.ts";
import { notifyFaults, notifySettings } from "./notify.ts";
import { secretsOf } from "./secret.ts";

const KEY = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const SLACK = "https://hooks.slack.com/services/T0/B0/abcdefghijklmnopqrstuvwx";

const whole = `
channels:
  races: { slack: ${SLACK} }
  shop:
    webhook: https://shop.example.org/notices
    keys: [${KEY}, ${KEY.replace("whsec_B", "whsec_C")}]
  office: { email: office@example.org }
rules:
  - to: races
    regions: [dach, FRANCE]
    of: event
    severity: high
  - { to: [shop, office], kinds: [soldOut, keyRefused] }
quiet: { from: "22:00", to: 07:00, zone: Europe/Berlin }
digest: { to: office, at: 07:30, zone: Europe/Berlin }
smtp: { url: "smtps://monitor:mail-password@mail.example.org", from: HYROX <monitor@example.org> }
page: https://monitor.example.org/
`;

const faultsOf = (NOTIFICATIONS: string) => notifyFaults({ NOTIFICATIONS });

test("who is told what is read as a person writes it, and without it nobody is told anything", () => {
  expect(notifyFaults({})).toEqual([]);
  expect(notifySettings({})).toBeUndefined();
  expect(faultsOf(whole)).toEqual([]);
  const settings = notifySettings({ NOTIFICATIONS: whole });
  expect(settings?.channels.map(({ name, type }) => `${name} ${type}`)).toEqual([
    ...["races slack", "shop webhook", "office email"],
  ]);
  expect(settings?.rules).toEqual([
    { to: ["races"], regions: ["DACH", "FRANCE"], of: ["event"], severity: "high" },
    { to: ["shop", "office"], kinds: ["soldOut", "keyRefused"] },
  ]);
  expect(settings?.quiet).toEqual({
    ...{ from: "22:00", to: "07:00", zone: "Europe/Berlin", despite: "critical" },
  });
  expect(settings?.page).toBe("https://monitor.example.org");
});

test("it prints no secret, and the log hides each of them", () => {
  const settings = notifySettings({ NOTIFICATIONS: whole });
  expect(JSON.stringify(settings)).not.toMatch(/whsec_|hooks\.slack|mail-password/);
  expect(secretsOf(settings)).toContain("mail-password");
  expect(secretsOf(settings)).toContain("abcdefghijklmnopqrstuvwx");
  expect(secretsOf(settings)).toContain(KEY);
});

test("every fault of it is named at once, in words that quote no secret", () => {
  const faults = faultsOf(`
channels:
  races: { slack: "http://hooks.slack.com/very-secret-path" }
  shop: { webhook: https://shop.example.org, keys: [short-secret] }
  both: { slack: "${SLACK}", email: nobody }
  silent: { email: a@example.org }
rules:
  - { to: [races, shop, both, nowhere], kinds: soldout, severity: grave, region: DACH }
quiet: { from: "24:00", to: "07:00", zone: Mars/Olympus }
smtp: { url: "smtps://mail.example.org", from: monitor }
`);
  expect(faults).toEqual([
    "NOTIFICATIONS channels.races.slack must begin with https://",
    "NOTIFICATIONS channels.shop.keys.0 must be whsec_ and 24 to 64 bytes in base64, as `openssl rand -base64 32` makes them",
    "NOTIFICATIONS channels.both.email.0 must be an e-mail address",
    "NOTIFICATIONS channels.both must have exactly one of slack, webhook and email",
    expect.stringMatching(/^NOTIFICATIONS rules\.0\.kinds\.0 must be some of launchSet, .*soldOut/),
    "NOTIFICATIONS rules.0.severity must be one of medium, high, critical",
    'NOTIFICATIONS rules.0 has "region", which is no setting there; did you mean regions?',
    "NOTIFICATIONS quiet.from must be a time like 07:30",
    "NOTIFICATIONS quiet.zone must be a timezone like Europe/Berlin",
    "NOTIFICATIONS smtp.from must be an e-mail address, or a name and one between < and >",
    'NOTIFICATIONS rules.0.to names "nowhere"; there are races, shop, both, silent',
    "NOTIFICATIONS channels.silent is told nothing: no rule and no digest names it",
  ]);
  // A fault is said by a command, whose texts hide what looks like an address.
  expect(faults.map(redactText)).toEqual(faults);
  expect(faults.join()).not.toMatch(/very-secret|short-secret/);
});

test("what stands where a name is asked for is quoted only where it looks like one", () => {
  const faults = faultsOf(`
channels:
  races: {slack:${SLACK}}
  "${SLACK}": { slack: "${SLACK}" }
  shop: { webhook: https://shop.example.org, keys: { ${KEY}: 1 } }
`);
  expect(faults).toEqual([
    "NOTIFICATIONS channels.races has something that is no name, which is no setting there",
    "NOTIFICATIONS channels.races must have exactly one of slack, webhook and email",
    "NOTIFICATIONS channels has something that is no name, which must be a name of letters, digits, - and _",
    "NOTIFICATIONS channels.shop.keys.0 must be text; put it between quotes",
    ...["races", "(no name)", "shop"].map(
      (name) => `NOTIFICATIONS channels.${name} is told nothing: no rule and no digest names it`,
    ),
  ]);
  const [mail, key] = ["boss@example.org", KEY].map((to) =>
    faultsOf(`channels: { a: { slack: "${SLACK}" } }\nrules: [{ to: a }, { to: "${to}" }]`),
  );
  expect(mail).toEqual(["NOTIFICATIONS rules.1.to names something that is no name; there are a"]);
  expect(key).toEqual(mail);
});

test("a part that is named once and taken over elsewhere is a fault, said by its line", () => {
  expect(
    faultsOf(
      `channels:\n  a: &shared { slack: "${SLACK}" }\n  b: *shared\nrules: [{ to: [a, b] }]`,
    ),
  ).toEqual(["NOTIFICATIONS has an alias in line 3: write out what it stands for"]);
  expect(faultsOf(`channels:\n  b: *nowhere`)).toEqual([
    "NOTIFICATIONS has an alias in line 2: write out what it stands for",
  ]);
  expect(faultsOf(`channels:\n  ? { slack: "${SLACK}" }\n  : 1`)).toEqual([
    "NOTIFICATIONS has a list or a map in the place of a name in line 2",
  ]);
});

test("what fits by itself and not together is a fault as well", () => {
  expect(
    faultsOf(
      "channels: { a: { email: a@example.org }, b: { email: b@example.org } }\nrules: [{ to: [a, c] }]",
    ),
  ).toEqual([
    'NOTIFICATIONS rules.0.to names "c"; there are a, b',
    "NOTIFICATIONS channels.b is told nothing: no rule and no digest names it",
    "NOTIFICATIONS smtp is missing: a channel is an e-mail's",
  ]);
});

test("an address that is there twice, in whatever case, is one receiver", () => {
  const settings = notifySettings({
    NOTIFICATIONS: `
channels: { office: { email: [Office@example.org, office@Example.org, b@example.org] } }
digest: { to: office, at: "07:30", zone: UTC }
smtp: { url: "smtps://mail.example.org", from: a@example.org }
`,
  });
  const channels = settings?.channels ?? [];
  expect(channels).toHaveLength(2);
  expect(new Set(channels.map(({ name }) => name)).size).toBe(2);
});

test("an id that YAML takes for a number is a fault, and no other event's id", () => {
  const of = (id: string) =>
    faultsOf(`channels: { a: { slack: "${SLACK}" } }\nrules: [{ to: a, events: [${id}] }]`);
  expect(of("68e123456789012345678901")).toEqual([
    "NOTIFICATIONS rules.0.events.0 must be text; put it between quotes",
  ]);
  expect(of('"68e123456789012345678901"')).toEqual([]);
});

test("what is no YAML, and a name that is there twice, is said by its line and not quoted", () => {
  expect(faultsOf(`channels:\n  a: { slack: "${SLACK}" }\n  a: { slack: "${SLACK}" }`)).toEqual([
    "NOTIFICATIONS is no YAML in line 3 (DUPLICATE_KEY)",
  ]);
  expect(faultsOf("channels: [secret-word")[0]).toMatch(
    /^NOTIFICATIONS is no YAML in line 1 \([A-Z_]+\)$/,
  );
  expect(faultsOf("just words")).toEqual(["NOTIFICATIONS the document must be object"]);
});

test("a file that is not there is a fault, and so are two places that say it", () => {
  expect(notifyFaults({ NOTIFICATIONS_FILE: "/nowhere/notifications.yaml" })).toEqual([
    "NOTIFICATIONS_FILE cannot be read (ENOENT)",
  ]);
  expect(notifyFaults({ NOTIFICATIONS: whole, NOTIFICATIONS_FILE: "/nowhere" })).toEqual([
    "NOTIFICATIONS and NOTIFICATIONS_FILE are both set; one of them is enough",
  ]);
});
