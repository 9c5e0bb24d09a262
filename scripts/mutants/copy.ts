import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The checkout as it stands, in a folder of its own: nothing is ever changed in the checkout. */
export function copyTree(root: string) {
  const folder = mkdtempSync(join(tmpdir(), "vivenu-event-monitor-mutants-"));
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
    ...{ cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 },
  });
  for (const path of listed.split("\0").filter((path) => path && existsSync(join(root, path)))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path));
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
