/**
 * Requests as strangers and broken programs send them, by chance that a seed decides. Their framing is HTTP's:
 * what the server's own parser makes of anything else is not ours.
 */
import { between, pick, type Random } from "../../sandbox/random.ts";
import { sign } from "../../src/vivenu/signature.ts";
import { chance, mutate } from "../fixtures/vivenu/mutate.ts";
import { deliveryOf, eventJson } from "../support/deliveries.ts";

export interface Account {
  region: string;
  key: string;
}

/** How the bytes go out: at once, in parts with pauses, or not all of them before the line is cut. */
type Manner = "whole" | "parts" | "cut";

export interface AttackRequest {
  /** What it is, for who reads what came of it. */
  kind: string;
  bytes: Buffer;
  manner: Manner;
}

const regionsOfNobody = ["spain", "DACH2", "%44ACH", "..", "dach/", "a".repeat(300)];
const methods = ["POST", "GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];
const paths = [
  ...["/api/events", "/api/ticket-types", "/api/changes", "/api/sales", "/api/launches", "/status"],
  ...["/api/operations", "/api/stream", "/api/downloads/events.xlsx", "/metrics", "/docs", "/"],
  ...["/health", "/ready", "/webhooks", "/.env", "/admin", "/api/../status", "/api/events/%00"],
];
const names = ["limit", "cursor", "region", "status", "since", "as_of", "sort", "fields", "format"];
const values = ["", "-1", "1e9", "%00", "%FF", "'--", "[]", "null", "9".repeat(40), "0000-01-01"];

/** Without a right signature and without a key; or with a key, and asking for what nobody offers. */
export function badRequest(random: Random, accounts: readonly Account[], apiKey: string) {
  return random() < 0.6 ? badWebhook(random, accounts) : badRead(random, apiKey);
}

function badWebhook(random: Random, accounts: readonly Account[]): AttackRequest {
  const account = pick(random, accounts);
  const region = random() < 0.8 ? account?.region : pick(random, regionsOfNobody);
  const body = badBody(random);
  const { kind, headers } = badSignature(random, body, account?.key ?? "");
  return {
    kind: `webhook ${kind}`,
    manner: mannerOf(random),
    bytes: written(random, {
      method: random() < 0.95 ? "POST" : (pick(random, methods) ?? "POST"),
      path: `/webhooks/vivenu/${region}`,
      ...{ headers, body },
    }),
  };
}

function badBody(random: Random): Buffer {
  const whole = Buffer.from(deliveryOf("event.updated", { event: eventJson() }));
  const kind = between(random, 0, 6);
  if (kind === 0) return Buffer.alloc(0);
  if (kind === 1) return whole.subarray(0, between(random, 1, whole.length - 1));
  if (kind === 2) return Buffer.from("[".repeat(between(random, 1, 3_000)));
  if (kind === 3) return bytesOf(random, between(random, 1, 2_000));
  if (kind === 4) return Buffer.alloc(between(random, 10_000, 100_000), "x");
  if (kind === 5) {
    const at = between(random, 0, whole.length - 1);
    whole[at] = (whole[at] ?? 0) ^ 1;
  }
  return whole;
}

/** Never the right one: what is signed has something else in it, or the signature another form. */
function badSignature(random: Random, body: Buffer, key: string) {
  const right = sign(body, key);
  const forms: Record<string, string[]> = {
    unsigned: [],
    "signed by chance": [bytesOf(random, 32).toString("hex")],
    "signed for another body": [sign(Buffer.concat([body, Buffer.from(" ")]), key)],
    "signed with another key": [sign(body, `${key}x`)],
    "signed and cut off": [right.slice(0, between(random, 1, 63))],
    "signed in capitals": [right.toUpperCase().replace(/^\d*$/, "A".repeat(64))],
    "signed in base64": [Buffer.from(right, "hex").toString("base64")],
    "signed at length": [right.repeat(between(random, 2, 60))],
  };
  const kind = pick(random, Object.keys(forms)) ?? "unsigned";
  return { kind, headers: (forms[kind] ?? []).map((value) => `x-vivenu-signature: ${value}`) };
}

function badRead(random: Random, apiKey: string): AttackRequest {
  const hasKey = random() < 0.4;
  const query = random() < 0.7 ? `?${pick(random, names)}=${pick(random, values)}` : "";
  const path = `${pick(random, paths)}${query}`;
  const wrong = [
    "x-api-key: wrong",
    `authorization: Bearer ${bytesOf(random, 16).toString("hex")}`,
    "authorization: Basic Og==",
    "cookie: session=forged",
  ];
  const shown = hasKey ? `x-api-key: ${apiKey}` : pick(random, wrong);
  // A stream with a right key goes on for ever, and whoever may act is no stranger.
  const isOpen = hasKey && /stream|operations/.test(path);
  return {
    kind: hasKey ? "read with a key" : "read without a key",
    manner: mannerOf(random),
    bytes: written(random, {
      method: hasKey ? "GET" : (pick(random, methods) ?? "GET"),
      path: isOpen ? "/api/nothing" : path,
      headers: random() < 0.9 && shown !== undefined ? [shown] : [],
      body: Buffer.alloc(0),
    }),
  };
}

/** Rightly signed, and something in it is nothing that Vivenu sends. */
export function hostileDelivery(random: Random, accounts: readonly Account[]): AttackRequest {
  const { region, key } = pick(random, accounts) ?? { region: "", key: "" };
  const turn = chance(between(random, 0, 2 ** 31));
  const event = eventJson({ _id: bytesOf(random, 12).toString("hex") });
  const type = pick(random, ["event.updated", "event.created", "ticket.updated", "x".repeat(99)]);
  // Of another seller it would not be looked into.
  const sellerId = random() < 0.1 ? {} : { sellerId: undefined };
  const told = deliveryOf(type ?? "", { event }, { mode: "dev", ...sellerId });
  let delivery: unknown = JSON.parse(told);
  for (let times = between(random, 1, 3); times > 0; times -= 1) delivery = mutate(delivery, turn);
  const body = Buffer.from(JSON.stringify(delivery) ?? "null");
  const signature = `x-vivenu-signature: ${sign(body, key)}`;
  return {
    ...{ kind: "signed and hostile", manner: random() < 0.9 ? "whole" : "parts" },
    bytes: written(random, {
      ...{ method: "POST", path: `/webhooks/vivenu/${region}`, headers: [signature], body },
    }),
  };
}

function mannerOf(random: Random): Manner {
  const chosen = random();
  return chosen < 0.85 ? "whole" : chosen < 0.95 ? "cut" : "parts";
}

interface Written {
  method: string;
  path: string;
  headers: string[];
  body: Buffer;
}

/** As HTTP has it: with a length, or in chunks. */
function written(random: Random, { method, path, headers, body }: Written): Buffer {
  const isChunked = body.length > 0 && random() < 0.2;
  const odd = Array.from({ length: random() < 0.1 ? between(random, 1, 30) : 0 }, (_, n) => {
    return `x-odd-${n}: ${"y".repeat(between(random, 0, 100))}`;
  });
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...["host: localhost", "connection: close", ...headers, ...odd],
    isChunked ? "transfer-encoding: chunked" : `content-length: ${body.length}`,
  ];
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  return Buffer.concat([head, ...(isChunked ? chunksOf(random, body) : [body])]);
}

function* chunksOf(random: Random, body: Buffer) {
  for (let from = 0; from < body.length; ) {
    const chunk = body.subarray(from, from + between(random, 1_000, 20_000));
    from += chunk.length;
    yield Buffer.concat([
      Buffer.from(`${chunk.length.toString(16)}\r\n`),
      chunk,
      Buffer.from("\r\n"),
    ]);
  }
  yield Buffer.from("0\r\n\r\n");
}

const bytesOf = (random: Random, length: number) =>
  Buffer.from(Array.from({ length }, () => between(random, 0, 255)));
