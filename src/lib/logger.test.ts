import { expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { Failure } from "./failure.ts";
import { createLogger, type Logger, redactText } from "./logger.ts";
import { hideSecrets } from "./redact.ts";

const { privateKey } = generateKeyPairSync("rsa", {
  ...{ modulusLength: 2_048, publicKeyEncoding: { type: "spki", format: "pem" } },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const base64Of = (text: string) => Buffer.from(text).toString("base64");

/** Secrets by what they look like: nobody has told the log of them. */
const shaped: Record<string, string> = {
  "a Vivenu key": "key_0123456789abcdef0123456789abcdef01234567",
  "a Vivenu key in capitals": "key_0123456789ABCDEF0123456789ABCDEF",
  "a Flowcore key": "fc_reader_5ec2e7c0ffee",
  "a bearer token": "Bearer abc.def-ghi",
  "a bearer token in a query": "Bearer%20abc.def-ghi",
  "Flowcore's header": "ApiKey reader:fc_reader_5ec2e7c0ffee",
  "basic authorization": `Basic ${base64Of("reader:open sesame, please")}`,
  "a JSON web token": "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4QGV4YW1wbGUuY29tIn0.c2lnbmF0dXJl",
  "Google's token": "ya29.a0AfB_byC-0123456789",
  "PostgreSQL's address": "postgres://user:p%40ss@db.example.com:5432/events",
  "an address with a password": "https://user:sesame@proxy.example.com/path",
  "an e-mail address": "runner.o+tag@example.com",
  "an e-mail address in a query": "runner%40example.com",
  "an e-mail address with other letters": "läufer@bücher.example",
  "a private key": privateKey,
  "a private key on one line": privateKey.replaceAll("\n", "\\n"),
  "a private key that is cut off": privateKey.slice(0, 200),
  "a private key in base64": base64Of(privateKey),
  "a private key without its armour": privateKey.split("\n").slice(1, -2).join(""),
};

/** Secrets that look like anything: the log is told of them. */
const known: Record<string, string> = {
  "an HMAC key of hex": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  "an HMAC key like a UUID": "0b9c1a44-7d4e-4f0e-9a57-3c1f8e2d6b10",
  "an API key of words": "correct horse battery staple",
  "a password": "hunter2!hunter2",
};
hideSecrets(Object.values(known));

type Leak = (logger: Logger, secret: string) => void;

/** Ways in which a secret has come into a log before, or might. */
const ways: Record<string, Leak> = {
  "the message": (logger, secret) => logger.info(`it said ${secret}!`),
  "the message beside fields": (logger, secret) => logger.info({ account: "DACH" }, secret),
  "a message with values": (logger, secret) => logger.info("it said %s and %j", secret, { secret }),
  "a field": (logger, secret) => logger.info({ said: secret }, "asked"),
  "a field's name": (logger, secret) => logger.info({ [secret]: 1 }, "asked"),
  "a field deep down": (logger, secret) => logger.info({ a: { b: [{ c: [secret] }] } }, "asked"),
  "a child's binding": (logger, secret) => logger.child({ said: secret }).info("asked"),
  "a grandchild's binding": (logger, secret) =>
    logger
      .child({})
      .child({ a: { said: secret } })
      .info("x"),
  "an error": (logger, secret) => logger.error({ error: new Error(`no ${secret}`) }, "failed"),
  "an error alone": (logger, secret) => logger.error(new Error(`no ${secret}`)),
  "an error under another name": (logger, secret) =>
    logger.error({ err: new Error(secret) }, "failed"),
  "a thrown text": (logger, secret) => logger.error({ error: secret }, "failed"),
  "an error's cause": (logger, secret) =>
    logger.error({ error: new Error("a", { cause: new Error("b", { cause: secret }) }) }, "failed"),
  "one of several errors": (logger, secret) =>
    logger.error({ error: new AggregateError([new Error(secret)], "all failed") }, "failed"),
  "a failure's context": (logger, secret) =>
    logger.error({ error: new Failure("refused", "no", { at: { url: secret } }) }, "failed"),
  "an error's stack": (logger, secret) => {
    const error = new Error("no");
    error.stack = `Error: ${secret}\n    at somewhere`;
    logger.error({ error }, "failed");
  },
  "an error's own fields": (logger, secret) =>
    logger.error({ error: Object.assign(new Error("no"), { config: { headers: secret } }) }, "x"),
  "a URL": (logger, secret) =>
    logger.info(
      { url: new URL(`https://example.com/?x=1&q=${encodeURIComponent(secret)}`) },
      "asked",
    ),
  "a query": (logger, secret) =>
    logger.info({ query: new URLSearchParams({ q: secret }) }, "asked"),
  headers: (logger, secret) => logger.info({ headers: { "x-forwarded": secret } }, "asked"),
  "JSON in a text": (logger, secret) =>
    logger.info({ body: JSON.stringify({ a: secret }) }, "asked"),
  "JSON in JSON in a text": (logger, secret) =>
    logger.info({ body: JSON.stringify({ a: JSON.stringify({ b: [secret] }) }) }, "asked"),
  bytes: (logger, secret) => logger.info({ body: Buffer.from(secret) }, "asked"),
  "an array of bytes": (logger, secret) =>
    logger.info({ a: [new TextEncoder().encode(secret)] }, "asked"),
  "a map and a set": (logger, secret) =>
    logger.info({ map: new Map([["a", secret]]), set: new Set([secret]) }, "asked"),
  "what makes JSON of itself": (logger, secret) =>
    logger.info({ request: { toJSON: () => ({ said: secret }) } }, "asked"),
};

function logged(leak: (logger: Logger) => void): string {
  const lines: string[] = [];
  leak(createLogger("trace", { write: (line) => void lines.push(line) }));
  expect(lines).toHaveLength(1);
  // One line, and JSON as before.
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ service: "vivenu-event-monitor" });
  expect(lines[0]?.trimEnd()).not.toContain("\n");
  return lines[0] ?? "";
}

/** Any part of it that is long enough to be of use, as it is or as bytes. */
function remainsOf(secret: string, line: string): string[] {
  const core = secret.replace(/^(Bearer|ApiKey|Basic)(\s|%20)|-----[^-]*-----|\\n|\s+/g, "");
  const plain = line.replace(/\\+n|\\+r/g, "");
  const windows = Array.from({ length: Math.max(1, core.length - 13) }, (_, at) =>
    core.slice(at, at + 14),
  );
  const bytes = [...Buffer.from(secret)].slice(0, 6).join(",");
  return [
    ...windows.filter((part) => plain.includes(part) || line.includes(encodeURIComponent(part))),
    ...(line.includes(bytes) ? [bytes] : []),
  ];
}

test.each(Object.entries({ ...shaped, ...known }))("%s comes into no line", (_, secret) => {
  for (const [way, leak] of Object.entries(ways)) {
    const remains = remainsOf(
      secret,
      logged((logger) => leak(logger, secret)),
    );
    expect({ way, remains }).toEqual({ way, remains: [] });
  }
});

test("a known secret that is cut up over several fields, or encoded, does not come through", () => {
  for (const secret of [known["an HMAC key of hex"] ?? "", privateKey]) {
    hideSecrets([secret]);
    const half = Math.floor(secret.length / 2);
    const line = logged((logger) =>
      logger.info({
        ...{ first: secret.slice(0, half), second: secret.slice(half) },
        lines: secret.match(/.{1,40}/g),
        base64: base64Of(secret),
        url: `https://example.com/${encodeURIComponent(secret)}`,
      }),
    );
    expect(remainsOf(secret, line)).toEqual([]);
    expect(line).not.toContain(base64Of(secret).slice(8, 30));
  }
});

test("what stands under a secret's name is not written, however deep and however it is spelled", () => {
  const names = [
    ...["authorization", "Authorization", "apiKey", "api_key", "X-API-Key", "secret", "hmacKey"],
    ...["hmac_key", "privateKey", "private_key", "password", "PGPASSWORD", "token", "access_token"],
    ...["client_secret", "DACH_API", "DACH_WEBHOOK_SECRET", "cookie", "Set-Cookie"],
  ];
  for (const name of names) {
    for (const line of [
      logged((logger) => logger.info({ [name]: "sesame" }, "asked")),
      logged((logger) => logger.info({ a: [{ b: { [name]: { c: ["sesame"] } } }] }, "asked")),
      logged((logger) =>
        logger.info({ headers: new Headers([["x-a", "b"]]), [name]: "sesame" }, "x"),
      ),
      logged((logger) => logger.info({ rawHeaders: ["x-a", "b", name, "sesame"] }, "asked")),
      logged((logger) => logger.info({ headers: [[name, "sesame"]] }, "asked")),
      logged((logger) => logger.child({ [name]: "sesame" }).info("asked")),
      logged((logger) =>
        logger.info({ body: JSON.stringify({ [name]: "sesame street" }) }, "asked"),
      ),
      logged((logger) =>
        logger.info(JSON.stringify({ a: JSON.stringify({ [name]: "sesame street" }) })),
      ),
      logged((logger) => logger.info(`https://example.com/?a=b&${name}=sesame&c=d`)),
    ])
      expect({ name, line: line.includes("sesame") || line.includes("street") }).toEqual({
        ...{ name, line: false },
      });
  }
});

test("what is no secret stays: ids, hashes, reasons, places in the code", () => {
  const fields = {
    ...{ eventId: "68f000000000000000000001", factId: "5f0e2a10-c6a1-11f0-9a1b-0242ac120002" },
    sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ...{ account: "DACH", failures: 3, complete: false, nothing: null, counts: [1, 2, 3] },
    reason: "Vivenu refuses the API key of account DACH (401 for /api/events): give it a valid one",
    at: "/srv/Code1/vivenu/event/monitor/node_modules/postgres@3.4.9/cjs/src/connection.js:12:34",
    kind: "key_refused",
    idempotencyKey: "poll.finished/DACH/2026-11-21T02:00:00.000Z",
    url: "https://vivenu.com/api/tickets?event=68f000000000000000000001&top=1000&skip=0",
  };
  const line = JSON.parse(logged((logger) => logger.info(fields, "poll.finished")));
  expect(line).toMatchObject({ ...fields, event: "poll.finished", level: "info" });
  for (const text of Object.values(fields))
    if (typeof text === "string") expect(redactText(text)).toBe(text);
});

test("a long text costs no more than its length", () => {
  for (const piece of ["a", "a.", "a%41", "-----BEGIN ", "key_", "https://a:", '"token', "a@"]) {
    const text = piece.repeat(300_000 / piece.length);
    const before = process.cpuUsage();
    expect(redactText(text).length).toBeGreaterThan(0);
    // Some milliseconds; where each letter is looked at again for each other one it is a minute.
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(3_000);
  }
});

test("an error keeps its kind, its context and its causes", () => {
  const error = new Failure("refused", "no", { status: 401 }, new Error("because"));
  const line = JSON.parse(logged((logger) => logger.error({ error }, "failed")));
  expect(line.error).toMatchObject({
    ...{ name: "Failure", message: "no", kind: "refused", context: { status: 401 } },
    stack: expect.stringContaining("logger.test.ts"),
    cause: { message: "because" },
  });
});

test("a key that is mostly zeros is hidden, and an id with as many zeros is not", () => {
  const secret = `${"0".repeat(30)}4f`;
  hideSecrets([secret]);
  expect(redactText(`refused: ${secret}`)).toBe("refused: [secret]");
  expect(redactText("event 68f0000000000000000000a1")).toBe("event 68f0000000000000000000a1");
});
