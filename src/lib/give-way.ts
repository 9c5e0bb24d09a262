import { getPriority, setPriority } from "node:os";

/**
 * Has a process, this one without an id, stand behind others where all want the same CPU; where they do
 * not it is as fast as ever. Whoever stands further behind already stays there. Linux means the thread
 * that has this id: those that it starts later follow it.
 */
export function giveWay(nice: number, pid = 0): void {
  try {
    setPriority(pid, Math.max(getPriority(pid), nice));
  } catch {
    // It has ended already, or the system does not let us: it runs as it did.
  }
}
