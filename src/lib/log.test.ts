import { expect, test } from "bun:test";
import { Failure } from "./failure.ts";
import { createLogger, redactText } from "./log.ts";

const secrets = [
  "key_0123456789abcdef0123456789abcdef",
  "fc_reader_5ec2e7c0ffee",
  "Bearer abc.def-ghi",
  "ApiKey reader:fc_reader_5ec2e7c0ffee",
  "postgres://user:pass@db.example.com:5432/events",
  "runner@example.com",
  "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----",
];

test("no key, address or connection string comes through a log line, wherever an error holds it", () => {
  const lines: string[] = [];
  const log = createLogger("trace", { write: (line) => void lines.push(line) });
  for (const secret of secrets) {
    const cause = new Error(`because of ${secret}`);
    log.error({ error: new Failure("refused", `no ${secret}!`, { status: 401 }, cause) }, "failed");
    expect(redactText(`a ${secret} b`)).not.toContain(secret.slice(4, 14));
  }
  expect(lines).toHaveLength(secrets.length);
  for (const [n, secret] of secrets.entries())
    expect(lines[n]).not.toContain(secret.split("\n")[1] ?? secret);
  expect(lines[0]).toContain('"kind":"refused"');
  expect(lines[0]).toContain('"status":401');
});

test("fields that are called a secret are not written", () => {
  const lines: string[] = [];
  const log = createLogger("info", { write: (line) => void lines.push(line) });
  log.info({ apiKey: "open sesame", request: { authorization: "open sesame" } }, "asked");
  expect(lines.join("")).not.toContain("sesame");
});
