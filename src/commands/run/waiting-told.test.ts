import { expect, test } from "bun:test";
import { fakeClock, recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { waitingTold } from "./waiting-told.ts";

test("requests that wait for long are told with their account, and again only now and then", async () => {
  const clock = fakeClock("2026-06-01T02:00:00.000Z");
  const { logger, lines } = recordingLog();
  const onWaiting = waitingTold(logger, clock);
  const waitFor = async (minutes: number) => {
    for (let slice = 0; slice < minutes * 4; slice += 1) {
      onWaiting("DACH");
      await clock.pause(15_000);
    }
  };
  await waitFor(1);
  // Requests went out meanwhile: the next wait is another one.
  await clock.pause(60_000);
  await waitFor(2);
  expect(lines).toEqual([]);
  await waitFor(9);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      ...{ event: "account.waits", level: "warn", account: "DACH" },
      ...{ since: "2026-06-01T02:02:00.000Z", limits: expect.stringContaining("_PER_HOUR") },
    },
  ]);
  await waitFor(3);
  expect(lines).toHaveLength(2);
});
