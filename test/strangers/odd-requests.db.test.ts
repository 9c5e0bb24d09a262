import { afterAll, beforeAll, expect, test } from "bun:test";
import { API_KEY } from "../support/outside.ts";
import { isTurn } from "../support/runs.ts";
import { say } from "../support/say.ts";
import { raiseStage, type Stage, until } from "../support/stage.ts";

let stage: Stage;
let service: Awaited<ReturnType<Stage["start"]>>;
let eventId = "";

beforeAll(async () => {
  stage = await raiseStage({ season: "small" });
  service = await stage.start();
  eventId = await until(
    async () => {
      const { events } = await stage.readJson<{ events: { eventId: string }[] }>("/api/events");
      return events[0]?.eventId;
    },
    { withinMs: 60_000, what: "an event" },
  );
});
afterAll(async () => {
  await service.stop();
  await stage[Symbol.asyncDispose]();
});

/** As a stranger may write an id, a word, a number, a day or an instant. */
const STACK = /\bat .*:\d+:\d+/;
const STACK_IN_HTML = /\bat [^"]*:\d+:\d+/;

const values = [
  ...["", "%00", "e%00", "%ED%A0%80", "%E0%A4%A", "%zz", "%", "%F0%9F%98%80", "%EF%BF%BE", "%FF"],
  ...["'", "%27%3B--", "..", "%2e%2e%2f", "a%2fb", "%5c", "-1", "0", "1e9", "9".repeat(30), "NaN"],
  ...[
    "null",
    "[]",
    "{}",
    "%7B%22a%22:1%7D",
    "W10",
    "WyJldmVudCIsMSwiXHUwMDAwIl0",
    "a".repeat(9_000),
  ],
  ...[
    "0000-01-01",
    "9999-12-31",
    "2026-02-30",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
  ],
];
const parameters = ["limit", "cursor", "region", "status", "eventId", "since", "severity"];
const more = ["changeType", "by", "per", "from", "to", "%00", "__proto__", "constructor"];

function* targets() {
  for (const value of values) {
    for (const rest of ["", "/ticket-types", "/sales"]) yield `/api/events/${value}${rest}`;
    for (const folder of ["/api/downloads", "/docs", "/webhooks/vivenu", "/api", ""])
      yield `${folder}/${value}`;
    for (const name of [...parameters, ...more]) {
      for (const path of ["events", "ticket-types", "changes", `events/${eventId}/sales`])
        yield `/api/${path}?${name}=${value}`;
      yield `/status?${name}=${value}`;
      yield `/health?${name}=${value}`;
    }
  }
}

test("nothing that is asked for is answered as a fault of ours, and no answer has a stack", async () => {
  const port = Number(new URL(stage.url).port);
  // The same values go everywhere: of the places some are asked with each.
  const asked = [...targets()].filter((_, index) => isTurn(index, 3));
  const faults: string[] = [];
  const ask = async () => {
    for (let target = asked.pop(); target !== undefined; target = asked.pop()) {
      const head = `GET ${target} HTTP/1.0\r\nX-API-Key: ${API_KEY}\r\n\r\n`;
      const answer = await say(port, head);
      // HTML is one line, in which a word may stand before somebody's clock.
      const frame = /^content-type: text\/html/im.test(answer) ? STACK_IN_HTML : STACK;
      const isWell = /^HTTP\/1\.1 [234]\d\d /.test(answer) && !frame.test(answer);
      if (!isWell) faults.push(`${target.slice(0, 100)}: ${answer.slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, ask));
  expect(faults).toEqual([]);
  const lines = stage.logged.filter((line) => line.includes('"request.failed"'));
  expect(lines).toEqual([]);
});
