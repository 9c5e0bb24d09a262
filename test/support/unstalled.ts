/** So long this process stands still only where the machine does, or is given to others. */
const STALL_MS = 250;
const LOOK_MS = 25;
const TRIES = 4;

/**
 * For what is held to moments of real time: where it fails, and this process stood still meanwhile, the machine
 * has failed and not the product, so it is tried again. What fails while nothing stood still has failed.
 */
export const unstalled = (attempt: () => Promise<void>) => async () => {
  for (let tries = 1; ; tries += 1) {
    const watch = watchStalls();
    try {
      return await attempt();
    } catch (error) {
      if (tries === TRIES || watch.longestMs() < STALL_MS) throw error;
    } finally {
      watch.end();
    }
  }
};

function watchStalls() {
  let longestMs = 0;
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - last - LOOK_MS);
    last = now;
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    longestMs() {
      look();
      return longestMs;
    },
    end: () => clearInterval(timer),
  };
}
