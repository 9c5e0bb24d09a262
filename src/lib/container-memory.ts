import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where a container finds its own control group, of version 2. */
export const OWN_GROUP = "/sys/fs/cgroup";

export interface ContainerMemory {
  /** What all its processes take together, as Kubernetes counts it: without files that would be given up first. */
  usedBytes: number;
  /** With more than that a process is killed. */
  limitBytes: number;
}

/** Undefined where nothing limits it, as outside of a container. */
export function containerMemory(folder = OWN_GROUP): ContainerMemory | undefined {
  const read = (name: string) => readFileSync(join(folder, name), "utf8").trim();
  try {
    const limitBytes = wholeNumber(read("memory.max"));
    const allBytes = wholeNumber(read("memory.current"));
    const [, idle = "0"] = /^inactive_file (\d+)$/m.exec(read("memory.stat")) ?? [];
    if (limitBytes === undefined || allBytes === undefined) return undefined;
    return { usedBytes: Math.max(0, allBytes - Number(idle)), limitBytes };
  } catch {
    return undefined;
  }
}

/** Where there is no limit it says `max`. */
const wholeNumber = (text: string) => (/^\d+$/.test(text) ? Number(text) : undefined);
