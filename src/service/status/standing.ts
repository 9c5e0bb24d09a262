export interface StandingTold {
  onStanding: (name: string, since: Date) => void;
  onGoing: (name: string) => void;
}

/** A minute after it began /status says so: this is below it, and above what any of it takes by right. */
export const STANDING_MS = 45_000;

/**
 * Tells of work that is under way for longer than it may be. What stands still fails in no way, so
 * nobody else would ever say it.
 */
export function standingWatch({ onStanding, onGoing }: StandingTold, limitMs = STANDING_MS) {
  const standing = new Map<string, number>();

  /** Begins the time of one piece of work; `progress` begins it anew. */
  function begin(name: string, now: () => Date) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isStanding = false;
    let isOver = false;
    const start = () => {
      const since = now();
      timer = setTimeout(() => {
        isStanding = true;
        standing.set(name, (standing.get(name) ?? 0) + 1);
        onStanding(name, since);
      }, limitMs);
      timer.unref();
    };
    const stop = () => {
      clearTimeout(timer);
      if (!isStanding) return;
      isStanding = false;
      const left = (standing.get(name) ?? 1) - 1;
      standing.set(name, left);
      if (left === 0) onGoing(name);
    };
    /** What is heard of work that has ended is late. */
    const progress = () => {
      if (isOver) return;
      stop();
      start();
    };
    const end = () => {
      isOver = true;
      stop();
    };
    start();
    return { progress, end };
  }

  async function watch<Result>(
    name: string,
    now: () => Date,
    work: (progress: () => void) => Promise<Result>,
  ) {
    const { progress, end } = begin(name, now);
    try {
      return await work(progress);
    } finally {
      end();
    }
  }

  return { begin, watch };
}
