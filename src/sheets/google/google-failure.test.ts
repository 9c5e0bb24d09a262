import { expect, test } from "bun:test";
import { createKey } from "../../../sandbox/sheets/account.ts";
import { answering, failureOf, refusing } from "../../../test/support/no-answers.ts";
import { googleSpreadsheet } from "./google.ts";

const spreadsheetId = "mirrored";
const privateKey = await createKey();
const token = { access_token: "ya29.a.b", expires_in: 3_599, token_type: "Bearer" };
const readBy = (baseUrl: string) =>
  failureOf(
    googleSpreadsheet({
      ...{ spreadsheetId, privateKey, baseUrl, serviceAccountEmail: "mirror@played.example.com" },
      timeoutMs: 5_000,
    }).read([{ title: "Events" }]),
  );

const named = (code: number, status: string, reason?: string) => ({
  error: {
    ...{ code, status, message: "Google's words" },
    ...(reason && {
      details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason }],
    }),
  },
});
const older = (reason: string) => ({
  error: { code: 403, message: "Google's words", errors: [{ domain: "usageLimits", reason }] },
});

test.each([
  ["a quota of the minute", 429, named(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED")],
  ["a quota as older services name it", 403, older("rateLimitExceeded")],
  ["a quota of the day", 403, older("quotaExceeded")],
  ["a service that is down", 503, named(503, "UNAVAILABLE")],
])("%s is tried again, and says nothing of who shares what", async (_, status, body) => {
  await using server = await answering(refusing(status, body), { "/token": token });
  const failure = await readBy(server.url);
  expect(failure).toMatchObject({ kind: "unavailable" });
  expect(String(failure)).toEndWith("Google's words");
});

test.each([
  ["who may not", 403, named(403, "PERMISSION_DENIED"), "shared with the service account"],
  ["a wrong id", 404, named(404, "NOT_FOUND"), "is there a spreadsheet with this id?"],
  ["an Excel file", 400, named(400, "FAILED_PRECONDITION"), "Save it as a Google spreadsheet"],
])("%s is told what to look at", async (_, status, body, words) => {
  await using server = await answering(refusing(status, body), { "/token": token });
  const failure = await readBy(server.url);
  expect(failure).toMatchObject({ kind: "refused" });
  expect(String(failure)).toContain(words);
});

test("an API that nobody enabled is not taken for a spreadsheet that nobody shares", async () => {
  const body = named(403, "PERMISSION_DENIED", "SERVICE_DISABLED");
  await using server = await answering(refusing(403, body), { "/token": token });
  const failure = await readBy(server.url);
  expect(failure).toMatchObject({ kind: "refused" });
  expect(String(failure)).toEndWith("403: Google's words");
});

test.each(["Invalid JWT Signature.", "Invalid grant: account not found"])(
  "a key that Google does not take is told as the key's, and asked for once: %s",
  async (error_description) => {
    const body = { error: "invalid_grant", error_description };
    await using server = await answering(refusing(400, body));
    const failure = await readBy(server.url);
    expect(failure).toMatchObject({ kind: "refused", context: {} });
    expect(String(failure)).toContain(`no token: 400, invalid_grant: ${error_description} (is the`);
    expect(server.asked).toEqual(["POST /token"]);
  },
);
