import { readFileSync } from "node:fs";

/**
 * Whether this process was started to outlive its terminal (`nohup`): a handler of its own would undo that. Linux
 * alone says it, as the lowest bit of a mask; elsewhere it is false.
 */
export function isHangupIgnored(): boolean {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return /^SigIgn:\s*[0-9a-f]*[13579bdf]$/m.test(status);
  } catch {
    return false;
  }
}
