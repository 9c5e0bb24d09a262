import { expect, test } from "bun:test";
import { createKey } from "../../../sandbox/sheets/account.ts";
import { answering, failureOf, refusing } from "../../../test/support/no-answers.ts";
import { messageOf } from "../../lib/failure.ts";
import { redactText } from "../../lib/redact.ts";
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
    expect(String(failure)).toContain(
      `no token (400): invalid_grant: ${error_description} (is the`,
    );
    expect(server.asked).toEqual(["POST /token"]);
  },
);

test("what a gateway before the service of tokens says is told in its words", async () => {
  await using server = await answering(refusing(503, named(503, "UNAVAILABLE")));
  const failure = await readBy(server.url);
  expect(failure).toMatchObject({
    kind: "unavailable",
    message: "Google gave no token (503): Google's words",
  });
});

/** A Google that takes the newest token alone; `renew` says what it answers where another is asked for. */
function takingTheNewest(renew: () => Response | undefined) {
  const asked: string[] = [];
  let given = 0;
  let isRevoked = false;
  const server = Bun.serve({
    ...{ port: 0, hostname: "127.0.0.1" },
    fetch(request) {
      const { pathname } = new URL(request.url);
      asked.push(`${request.method} ${pathname}`);
      if (pathname === "/token") {
        const instead = given > 0 ? renew() : undefined;
        if (instead) return instead;
        given += 1;
        return Response.json({ ...token, access_token: `token-${given}` });
      }
      const newest = `Bearer token-${isRevoked ? Math.max(given, 2) : given}`;
      if (request.headers.get("authorization") !== newest)
        return Response.json(named(401, "UNAUTHENTICATED"), { status: 401 });
      const properties = { sheetId: 7, title: "Theirs", gridProperties: { rowCount: 1 } };
      return Response.json({ spreadsheetId, sheets: [{ properties }] });
    },
  });
  const spreadsheet = googleSpreadsheet({
    ...{ spreadsheetId, privateKey, baseUrl: server.url.href.replace(/\/$/, "") },
    ...{ serviceAccountEmail: "mirror@played.example.com", timeoutMs: 5_000 },
  });
  return {
    asked,
    read: () => spreadsheet.read([{ title: "Events" }]),
    revoke() {
      isRevoked = true;
      asked.length = 0;
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

test("a token that is refused before its time is over is fetched anew, at once", async () => {
  await using google = takingTheNewest(() => undefined);
  await google.read();
  google.revoke();
  expect((await google.read()).takenIds).toEqual([7]);
  const reads = "GET /v4/spreadsheets/mirrored";
  expect(google.asked).toEqual([reads, "POST /token", reads]);
});

test("a key that was deleted is told as the key's as soon as its last token is refused", async () => {
  const body = { error: "invalid_grant", error_description: "Invalid JWT Signature." };
  await using google = takingTheNewest(() => Response.json(body, { status: 400 }));
  await google.read();
  google.revoke();
  const failure = await failureOf(google.read());
  expect(failure).toMatchObject({ kind: "refused" });
  // As /status and the log say it.
  expect(redactText(messageOf(failure))).toBe(messageOf(failure));
  expect(String(failure)).toContain("Google gave no token (400): invalid_grant: Invalid JWT");
});

test("a new token that is refused as well is told with where to look", async () => {
  await using server = await answering(refusing(401, named(401, "UNAUTHENTICATED")), {
    "/token": token,
  });
  expect(String(await readBy(server.url))).toEndWith(
    "401: Google's words (is the service account still there and enabled?)",
  );
});
