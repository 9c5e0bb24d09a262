import { originsOf, type PastSale } from "../../rules/forecast/backtest.ts";
import { FEWEST_COMPARABLES } from "../../rules/forecast/comparables.ts";
import { type Origin, type Trials, trialsOf } from "../../rules/forecast/trial.ts";

export interface TrialBook {
  /** What the backtest found out; undefined until it is through for the first time. */
  look(past: readonly PastSale[]): Trials | undefined;
  /** Resolves when nothing is being worked out. */
  settled(): Promise<void>;
}

/**
 * The backtest over the past sales, worked out in the background of the process that reads and remembered:
 * it takes up to seconds, and hangs on nothing but sales that are over, which seldom become otherwise. It is
 * worked out one origin at a time, some milliseconds, with everybody else's turn in between; until a new one is through the one
 * before holds.
 */
export function trialBook({
  pause = () => new Promise<void>((resolve) => setImmediate(resolve)),
  onError,
}: {
  pause?: () => Promise<void>;
  onError: (error: unknown) => void;
}): TrialBook {
  let known: { of: string; trials: Trials } | undefined;
  let atWork: Promise<void> | undefined;

  async function workOut(of: string, past: readonly PastSale[]) {
    const origins: Origin[] = [];
    for (const origin of originsOf(past, { knowing: "rolling", fewest: FEWEST_COMPARABLES })) {
      if (origin) origins.push(origin);
      await pause();
    }
    known = { of, trials: trialsOf(origins) };
  }

  return {
    look(past) {
      const of = wordingOf(past);
      if (known?.of !== of && atWork === undefined) {
        atWork = workOut(of, past)
          .catch(onError)
          .finally(() => {
            atWork = undefined;
          });
      }
      return known?.trials;
    },
    async settled() {
      await atWork;
    },
  };
}

/** Another one whenever a sale that is over is another. */
const wordingOf = (past: readonly PastSale[]) =>
  past
    .map(({ eventId, launch, end, capacity, sold }) =>
      [eventId, launch, end, capacity, sold.length, sold.at(-1)].join(" "),
    )
    .join("\n");
