#!/bin/sh
# Google's own client takes any body of a 200 for success, and an unusable token for a token.
#
# @googleapis/sheets 18.1.1, google-auth-library 11.3.4 (gaxios 8.3.3), Node 20: behind a proxy that answers
# everything with 200 and a sign-in page
#   - `batchUpdate` resolves: `status` is 200 and `data`, typed as an object, is the page as a string.
#     `data.replies` and `data.updatedSpreadsheet` are undefined, as they may be after a real write.
#   - before it, the token endpoint's page is taken as well: the JWT client finds no `access_token` in a
#     string, caches nothing, and sends `Authorization: Bearer undefined` without an error.
# So a program that trusts a resolved promise reports cells as written that nobody has seen. Ask for
# `spreadsheetId` in `fields`, and compare; check the token's answer in a response interceptor.
#
# Seen on 2026-11-28:
#   200 string "<!doctype html><title>Sign in</title>" replies: undefined
#   POST /token -
#   POST /v4/spreadsheets/s:batchUpdate Bearer undefined
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit @googleapis/sheets@18.1.1 google-auth-library@11.3.4
cat >try.mjs <<'JS'
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { sheets } from "@googleapis/sheets";
import { JWT } from "google-auth-library";

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const seen = [];
const server = createServer((request, response) => {
  seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? "-"}`);
  request.resume();
  response.writeHead(200, { "content-type": "text/html" });
  response.end("<!doctype html><title>Sign in</title>");
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const base = `http://127.0.0.1:${server.address().port}`;
const scopes = ["https://www.googleapis.com/auth/spreadsheets"];
const auth = new JWT({ email: "robot@example.com", key: privateKey, scopes });
// As a proxy would: what is meant for the token endpoint comes here too.
auth.transporter.interceptors.request.add({
  resolved: async (request) => {
    if (request.url.hostname === "oauth2.googleapis.com") request.url = new URL("/token", base);
    return request;
  },
});
const { spreadsheets } = sheets({ version: "v4", auth, rootUrl: base });
const requestBody = { requests: [{ addSheet: { properties: { title: "A" } } }] };
const { status, data } = await spreadsheets.batchUpdate({ spreadsheetId: "s", requestBody });
server.close();
console.log(status, typeof data, JSON.stringify(data), "replies:", data.replies);
for (const line of seen) console.log(line);
JS
node try.mjs | tee out
grep -q '^200 string "<!doctype html><title>Sign in</title>" replies: undefined$' out
grep -q '^POST /v4/spreadsheets/s:batchUpdate Bearer undefined$' out
