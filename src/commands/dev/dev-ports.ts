import { createServer } from "node:net";

/** Whoever ended a moment ago may not have left its ports yet. */
const PATIENCE_MS = 4_000;
const PAUSE_MS = 250;

export interface WantedPort {
  /** The variable that says it. */
  variable: string;
  port: number;
}

/** Of all ports that are wanted, in one sentence, those that somebody has; none where all are free. */
export async function takenPorts(wanted: readonly WantedPort[]): Promise<string[]> {
  const found = await Promise.all(
    wanted.map(async (one) => ((await isFree(one.port)) ? [] : [one])),
  );
  const taken = Map.groupBy(found.flat(), ({ variable }) => variable);
  return [...taken].map(([variable, some]) => {
    const ports = some.map(({ port }) => port).join(", ");
    return `${variable}: ${some.length === 1 ? `port ${ports} is` : `ports ${ports} are`} taken; set another`;
  });
}

async function isFree(port: number): Promise<boolean> {
  for (const until = Date.now() + PATIENCE_MS; ; await Bun.sleep(PAUSE_MS)) {
    if (port === 0 || (await canListen(port))) return true;
    if (Date.now() > until) return false;
  }
}

function canListen(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once("error", () => resolve(false));
  server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  return promise;
}
