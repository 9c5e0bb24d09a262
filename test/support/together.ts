import type { Surroundings } from "../../src/commands/parts.ts";
import { startLoops } from "../../src/service/loops/start.ts";
import { serveHttp } from "../../src/service/serve.ts";

interface Together extends Surroundings {
  version: string;
  pollOnStart: boolean;
  onListening: (port: number) => void;
}

/** HTTP and the loops in this process, on the test's own clock and log: as two roles that share it. */
export function serveTogether(given: Together, signal: AbortSignal): Promise<void> {
  return serveHttp(
    {
      ...given,
      starts: {
        worker({ signal: until }) {
          const starting = startLoops(given, until);
          return {
            ended: starting.then(({ ended }) => ended),
            readMetrics: async () => (await starting).readMetrics(),
          };
        },
      },
    },
    signal,
  );
}
