import type { Surroundings } from "../../src/commands/build/surroundings.ts";
import { startLoops } from "../../src/service/loops/start.ts";
import { adopting } from "../../src/service/processes/adopted-failures.ts";
import type { Parent } from "../../src/service/processes/supervised.ts";
import { startReads } from "../../src/service/reads/reads-server.ts";
import { serveHttp } from "../../src/service/serve.ts";

interface Together extends Surroundings {
  version: string;
  pollOnStart: boolean;
  onListening: (port: number) => void;
}

/** HTTP, the loops and the reads in this process, on the test's own clock and log: as three that share it. */
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
        reads({ signal: until, failing }) {
          const { parent, port } = hearing(adopting(failing, given.clock));
          const starting = startReads({ ...given, parent }, until);
          return {
            port,
            ended: starting.then(({ ended }) => ended),
            readMetrics: async () => (await starting).readMetrics(),
          };
        },
      },
    },
    signal,
  );
}

/** What the process that started it hears of where it answers, and of what fails with it. */
function hearing(adopt: ReturnType<typeof adopting>) {
  let port: number | undefined;
  const parent: Parent = {
    send(message) {
      if (message.say === "listening") port = message.port;
      if (message.say === "failing") adopt(message.loops);
    },
    onMessage: () => {},
    onGone: () => {},
  };
  return { parent, port: () => port };
}
