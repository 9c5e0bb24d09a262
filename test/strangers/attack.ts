/**
 * `bun attack.ts PORT SECONDS MANNER`: takes memory as whoever has no key may, and says at the end how
 * many answers there were of each status. A process of its own, so that it does not slow the test down.
 */
import { connect } from "node:net";

const MEGABYTES_8 = 8_000_000;
/** As soon again as a network lets a stranger. */
const RETRY_MS = 50;
const CHUNK = Buffer.alloc(65_536, "x");
const FORGED = `x-vivenu-signature: ${"0".repeat(64)}`;

interface Manner {
  connections: number;
  path: string;
  headers: string[];
  /** Of what is sent; less than is declared never comes to its end. */
  bytes: number;
  /** Between two chunks. */
  pauseMs: number;
  frame?: (chunk: Buffer) => Buffer;
}

const region = "/webhooks/vivenu/DACH";
const declared = `content-length: ${MEGABYTES_8}`;
const slow = { connections: 80, path: region, bytes: MEGABYTES_8 - 1, pauseMs: 50 };
const chunked = (chunk: Buffer) =>
  Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]);

export const manners = {
  "slowly, with a forged signature": { ...slow, headers: [declared, FORGED] },
  "at once but for the last byte": { ...slow, headers: [declared, FORGED], pauseMs: 0 },
  "slowly, without a signature": { ...slow, headers: [declared] },
  "slowly, without saying how much": {
    ...{ ...slow, headers: ["transfer-encoding: chunked", FORGED], frame: chunked },
  },
  "whole, with a wrong signature": {
    ...{ connections: 30, path: region, headers: [declared, FORGED] },
    ...{ bytes: MEGABYTES_8, pauseMs: 0 },
  },
  "whole, to an address that is no account's": {
    ...{ connections: 30, path: "/webhooks/anything", headers: [declared, FORGED] },
    ...{ bytes: MEGABYTES_8, pauseMs: 0 },
  },
  "by a few bytes, on a thousand connections": {
    ...{ connections: 1_000, path: region, headers: ["content-length: 30000", FORGED] },
    ...{ bytes: 29_999, pauseMs: 50 },
  },
} satisfies Record<string, Manner>;

export type MannerName = keyof typeof manners;

if (import.meta.main) {
  const [port, seconds, name] = process.argv.slice(2);
  // The cast: the test names one of them.
  const manner: Manner = manners[name as MannerName];
  const until = performance.now() + Number(seconds) * 1_000;
  const answers = new Map<string, number>();
  const count = (answer: string) => answers.set(answer, (answers.get(answer) ?? 0) + 1);
  const stranger = async () => {
    for (; performance.now() < until; await Bun.sleep(RETRY_MS)) {
      const left = Math.max(until - performance.now(), 0);
      count(await Promise.race([send(Number(port), manner), Bun.sleep(left).then(() => "none")]));
    }
  };
  await Promise.all(Array.from({ length: manner.connections }, stranger));
  process.stdout.write(`${JSON.stringify(Object.fromEntries(answers))}\n`);
  process.exit(0);
}

/** The answer's status, or that the connection was closed without one. */
function send(port: number, { path, headers, bytes, pauseMs, frame }: Manner): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.once("close", () => resolve("closed"));
  socket.once("data", (head) => {
    resolve(head.toString().split(" ")[1] ?? "");
    socket.destroy();
  });
  const lines = [`POST ${path} HTTP/1.1`, "host: localhost", ...headers];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  let left = bytes;
  const next = () => {
    while (left > 0 && !socket.destroyed) {
      const chunk = CHUNK.subarray(0, Math.min(left, CHUNK.length));
      left -= chunk.length;
      const isFlowing = socket.write(frame ? frame(chunk) : chunk);
      if (pauseMs > 0) return void setTimeout(next, pauseMs);
      if (!isFlowing) return void socket.once("drain", next);
    }
  };
  next();
  return promise;
}
