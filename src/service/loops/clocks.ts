import { clockProblems, type WriteProbe } from "../../database/write-probe.ts";
import { clockLoop, GOOGLE, POSTGRES } from "../status/clock-problems.ts";
import type { LoopContext } from "./loop-context.ts";

const EVERY_MS = 30_000;

export interface ClockOptions extends Pick<LoopContext, "failing" | "clock"> {
  /** This machine's own clock, which is compared. */
  now?: () => Date;
}

/** Says in /status that this machine's clock is off, by those of the systems that say theirs. */
export function clockWatch({ failing, clock, now = () => new Date() }: ClockOptions) {
  function told(whose: string, aheadMs: number) {
    const name = clockLoop(whose);
    const [problem] = clockProblems(aheadMs, whose);
    if (problem === undefined) return failing.clear(name);
    // Said once while it lasts: each time another number of seconds would be news.
    const isKnown = failing.here().some(({ loop }) => loop === name);
    if (!isKnown) failing.note(name, problem, clock.now());
  }

  return {
    /** What Google says in the head of an answer. */
    onGoogleDate: (theirs: Date) => told(GOOGLE, now().getTime() - theirs.getTime()),
    /** A step of a loop. */
    besidePostgres: (read: WriteProbe) => async () => {
      const { aheadMs } = await read();
      if (aheadMs !== null) told(POSTGRES, aheadMs);
      return "idle" as const;
    },
    everyMs: EVERY_MS,
  };
}
