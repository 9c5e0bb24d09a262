import { expect, test } from "bun:test";
import { connect } from "../../src/database/connect.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { raiseService } from "./service.ts";

const LOOKS = 30;

test("webhooks wait behind no /status that waits for a lock", async () => {
  let databaseUrl = "";
  await using stage = await raiseService(systemClock, {}, (url) => {
    databaseUrl = url;
    return url;
  });
  const service = await stage.start();
  const [event] = await stage.events();
  expect(await service.webhook({ ...event, name: "HYROX before" })).toBe(200);
  const other = connect(databaseUrl, { max: 1 });
  const held = Promise.withResolvers<void>();
  const isLocked = Promise.withResolvers<void>();
  const holding = other.begin(async (tx) => {
    await tx`lock table ticket_clock in access exclusive mode`;
    isLocked.resolve();
    await held.promise;
  });
  await isLocked.promise;
  const looks = Array.from({ length: LOOKS }, () => service.get("/status"));
  // Long enough for each of them to have asked, and half of what they are given.
  await Bun.sleep(1_000);
  const startedAt = performance.now();
  expect(await service.webhook({ ...event, name: "HYROX meanwhile" })).toBe(200);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  held.resolve();
  await holding;
  await other.end();
  await Promise.all(looks.map(async (look) => (await look).arrayBuffer()));
  await service.stop();
});
