import { expect, test } from "bun:test";
import { createMetrics } from "./metrics.ts";

test("what a process says of itself is measured on Bun: nothing is always 0, and nothing is named without a value", async () => {
  const { registry } = createMetrics({ process: "tried" });
  // Some that a process does not have while it does nothing.
  const until = performance.now() + 60;
  while (performance.now() < until) JSON.parse(JSON.stringify({ work: "to do" }));
  await Bun.sleep(30);
  // How late the loop was is known at the second look.
  await registry.getMetricsAsJSON();
  for (let n = 0; n < 6; n += 1) await Bun.sleep(15 * (1 + (n % 2)));
  const metrics = await registry.getMetricsAsJSON();
  const ofProcess = metrics.filter(({ name }) => /_(process|nodejs)_/.test(name));
  expect(ofProcess.length).toBeGreaterThan(10);
  const valueless = ofProcess.filter(({ values }) => values.every(({ value }) => value === 0));
  const some = valueless.map(({ name }) => name);
  // The machine counts these in steps that may be longer than this test.
  expect(some.filter((name) => !/cpu_system_seconds/.test(name))).toEqual([]);
});

test("what a process says of its memory is no more than it has, but for the addresses that it reserves", async () => {
  const { registry } = createMetrics({ process: "tried" });
  const metrics = await registry.getMetricsAsJSON();
  const large = metrics
    .filter(({ name }) => /_(process|nodejs)_.*_bytes$/.test(name))
    .filter(({ values }) => values.some(({ value }) => value > 2 * process.memoryUsage.rss()));
  expect(large.map(({ name }) => name)).toEqual([
    "vivenu_event_monitor_process_virtual_memory_bytes",
  ]);
});
