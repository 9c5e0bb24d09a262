import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { containerMemory } from "./container-memory.ts";
import { createMetrics, togetherAsText } from "./metrics.ts";

const MIB = 2 ** 20;

let group: string;
beforeEach(async () => {
  group = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-group-"));
});
afterEach(() => rm(group, { recursive: true }));

async function put(files: Record<string, string>) {
  for (const [name, text] of Object.entries(files)) await Bun.write(join(group, name), text);
}

const limited = {
  "memory.max": `${512 * MIB}\n`,
  "memory.current": `${300 * MIB}\n`,
  "memory.stat": `anon ${150 * MIB}\nactive_file ${10 * MIB}\ninactive_file ${130 * MIB}\n`,
};

test("what a container takes of its limit leaves out files that nobody reads any more", async () => {
  await put(limited);
  expect(containerMemory(group)).toEqual({ usedBytes: 170 * MIB, limitBytes: 512 * MIB });
});

test("where a container has no limit, or there is none, nothing is said", async () => {
  expect(containerMemory(group)).toBeUndefined();
  await put({ ...limited, "memory.max": "max\n" });
  expect(containerMemory(group)).toBeUndefined();
});

test("three processes of a container say once what all take together, and follow it", async () => {
  await put(limited);
  const parts = ["http", "worker", "reads"].map((process) => createMetrics({ process, group }));
  const said = async () => {
    const all = await Promise.all(parts.map(({ registry }) => registry.getMetricsAsJSON()));
    const text = await togetherAsText(all);
    return text.split("\n").filter((line) => /^vivenu_event_monitor_container_/.test(line));
  };
  expect(await said()).toEqual([
    `vivenu_event_monitor_container_memory_bytes ${170 * MIB}`,
    `vivenu_event_monitor_container_memory_limit_bytes ${512 * MIB}`,
  ]);
  await put({ "memory.current": `${400 * MIB}` });
  expect((await said())[0]).toBe(`vivenu_event_monitor_container_memory_bytes ${270 * MIB}`);
});

test("a process without such a limit has no measure of it", async () => {
  const { registry } = createMetrics({ process: "http", group });
  expect(await registry.metrics()).not.toContain("container_memory");
});
