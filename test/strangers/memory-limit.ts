import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const ROOT = "/sys/fs/cgroup";

/**
 * Runs commands that Linux kills when their processes take more memory, as Kubernetes does. Where there are no
 * control groups to make, they run as they are: the peak is measured in any case.
 */
export async function limitedGroup(bytes: number) {
  const group = (await makeGroup(bytes).catch(() => undefined)) ?? "";
  const enter = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
  return {
    command: (command: string[]) =>
      group === "" ? command : ["sh", "-c", enter, group, ...command],
    async [Symbol.asyncDispose]() {
      if (group !== "") await rmdir(group).catch(() => {});
    },
  };
}

/** The second version's folder, or the first's. */
async function makeGroup(bytes: number): Promise<string> {
  const name = `vivenu-event-monitor-test-${crypto.randomUUID()}`;
  const second = await readFile(join(ROOT, "cgroup.subtree_control"), "utf8").catch(() => "");
  const isSecond = second.split(/\s/).includes("memory");
  const group = isSecond ? join(ROOT, name) : join(ROOT, "memory", name);
  await mkdir(group);
  const limit = isSecond ? "memory.max" : "memory.limit_in_bytes";
  await writeFile(join(group, limit), String(bytes)).catch(async (error) => {
    await rmdir(group);
    throw error;
  });
  return group;
}

/** The most memory that a process ever had; undefined where the system does not say. */
export async function peakBytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
}
