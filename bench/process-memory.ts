import { readFile } from "node:fs/promises";

/** In MB, as Linux tells it of one process. */
export interface ProcessMemory {
  /** What the operator's tools show: pages that others have as well are counted whole. */
  rss: number;
  /** Pages that several have are shared out among them: the sum over all is what they take together. */
  pss: number;
  /** What is its own and was written: it goes with the process. */
  privateDirty: number;
}

export async function memoryOf(pid: number): Promise<ProcessMemory | undefined> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  const mb = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0) / 1_000;
  return text === ""
    ? undefined
    : { rss: mb("Rss"), pss: mb("Pss"), privateDirty: mb("Private_Dirty") };
}

/** A process and those that it started, by what `serve` calls them. */
export async function partsOf(pid: number): Promise<{ name: string; pid: number }[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const parts = await Promise.all(
    children
      .split(" ")
      .filter(Boolean)
      .map(async (child) => {
        const words = await readFile(`/proc/${child}/cmdline`, "utf8").catch(() => "");
        return { name: /--part\0(\w+)/.exec(words)?.[1] ?? "other", pid: Number(child) };
      }),
  );
  return [{ name: "http", pid }, ...parts];
}

/** By least squares: how much is added in an hour. */
export function slopeAnHour(samples: readonly { atMs: number; value: number }[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [at, of] = [mean(samples.map(({ atMs }) => atMs)), mean(samples.map(({ value }) => value))];
  const above = samples.reduce((sum, { atMs, value }) => sum + (atMs - at) * (value - of), 0);
  const below = samples.reduce((sum, { atMs }) => sum + (atMs - at) ** 2, 0);
  return below === 0 ? 0 : (above / below) * 3_600_000;
}
