import { expect, test } from "bun:test";
import { eventTypesOf } from "../contracts/index.ts";
import { eventTypeBook } from "./event-types.ts";

const EVENTS = "vivenu.event.0";
const MINUTE_MS = 60_000;

function stageBook() {
  const stage = { now: 0, asked: 0, answer: async (): Promise<string[]> => [] };
  const read = eventTypeBook(
    async () => {
      stage.asked += 1;
      return stage.answer();
    },
    () => stage.now,
  );
  return { stage, read: () => read(EVENTS) };
}

const settled = () => Bun.sleep(0);

test("the event types of a flow type are those that the datacore names, the unknown ones too", async () => {
  const { stage, read } = stageBook();
  stage.answer = async () => ["event.updated.0", "event.eaten.0"];
  expect(await read()).toEqual(["event.updated.0", "event.eaten.0"]);
  expect(await read()).toHaveLength(2);
  expect(stage.asked).toBe(1);
});

test("a new event type is known after some minutes, and nobody waits for that", async () => {
  const { stage, read } = stageBook();
  stage.answer = async () => ["event.updated.0"];
  await read();
  stage.now = 3 * MINUTE_MS;
  const later = Promise.withResolvers<string[]>();
  stage.answer = () => later.promise;
  expect(await read()).toEqual(["event.updated.0"]);
  expect(await read()).toEqual(["event.updated.0"]);
  expect(stage.asked).toBe(2);
  later.resolve(["event.updated.0", "event.eaten.0"]);
  await settled();
  expect(await read()).toEqual(["event.updated.0", "event.eaten.0"]);
});

test("one of ours that is not there is asked for again after half a minute, and all of them after two", async () => {
  const { stage, read } = stageBook();
  const ours = eventTypesOf(EVENTS);
  stage.answer = async () => ours.slice(1);
  await read();
  stage.answer = async () => ours;
  stage.now = MINUTE_MS / 2;
  await read();
  await settled();
  expect(await read()).toEqual(ours);
  stage.now += 2 * MINUTE_MS - 1;
  await read();
  expect(stage.asked).toBe(2);
});

test("while the datacore does not say, the last known count, and the contracts' at first", async () => {
  const { stage, read } = stageBook();
  stage.answer = async () => {
    throw new Error("403");
  };
  expect(await read()).toEqual(eventTypesOf(EVENTS));
  stage.answer = async () => ["event.updated.0", "event.eaten.0"];
  stage.now = MINUTE_MS;
  await read();
  await settled();
  expect(await read()).toEqual(["event.updated.0", "event.eaten.0"]);
  stage.answer = async () => [];
  stage.now = 10 * MINUTE_MS;
  await read();
  await settled();
  expect(await read()).toEqual(["event.updated.0", "event.eaten.0"]);
});
