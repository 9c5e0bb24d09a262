/** How far long work has come. */
export interface Progress {
  done: number;
  of: number;
  /** Whatever else is worth to be told: a number and what it counts. */
  beside?: Record<string, number>;
}

export interface ProgressOptions {
  /** What is done: `poll`, `replay`. */
  name: string;
  /** What `done` counts, for a person. */
  unit: string;
  stream: Pick<NodeJS.WriteStream, "isTTY" | "write">;
  json: boolean;
  now?: () => number;
}

const BAR_EVERY_MS = 100;
const LINE_EVERY_MS = 5_000;
const WIDTH = 30;

/** A bar with the time left on a terminal; for a program, and in a log, a JSON line now and then. */
export function progressOf({
  name,
  unit,
  stream,
  json,
  now = () => performance.now(),
}: ProgressOptions) {
  const startedAt = now();
  const isBar = stream.isTTY && !json;
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    show({ done, of, beside = {} }: Progress) {
      const at = now();
      if (at - toldAt < (isBar ? BAR_EVERY_MS : LINE_EVERY_MS)) return;
      toldAt = at;
      const seconds = (at - startedAt) / 1_000;
      const secondsLeft = done > 0 ? Math.round((seconds / done) * (of - done)) : null;
      if (!isBar) {
        const line = { event: `${name}.advanced`, done, of, ...beside, secondsLeft };
        stream.write(`${JSON.stringify(line)}\n`);
        return;
      }
      const filled = of === 0 ? 0 : Math.round((done / of) * WIDTH);
      const bar = `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)}`;
      const more = Object.entries(beside).map(([what, number]) => `, ${number} ${what}`);
      const left = secondsLeft === null ? "" : `, about ${secondsLeft} s left`;
      stream.write(`\r\u001b[K${bar} ${done}/${of} ${unit}${more.join("")}${left}`);
    },
    end: () => void (isBar && stream.write("\r\u001b[K")),
  };
}

/** Several accounts' progress as one. */
export function addedUp(show: (progress: Progress) => void) {
  const states = new Map<string, Progress>();
  return ({ account, done, of }: { account: string } & Progress) => {
    states.set(account, { done, of });
    const all = [...states.values()];
    show({
      done: all.reduce((sum, state) => sum + state.done, 0),
      of: all.reduce((sum, state) => sum + state.of, 0),
      beside: { accounts: all.length },
    });
  };
}
