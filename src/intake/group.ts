/**
 * Gathers what comes in while the run before is under way, and does it together: under load one
 * transaction serves many callers, and a lone caller waits for nobody. When a group fails, each of it
 * is tried alone, so that one can not fail the others.
 */
export function grouped<Item, Result>(
  run: (items: Item[]) => Promise<Result[]>,
  { most }: { most: number },
): (item: Item) => Promise<Result> {
  interface Waiting {
    item: Item;
    resolve: (result: Result) => void;
    reject: (error: unknown) => void;
  }
  const waiting: Waiting[] = [];
  let running = false;

  return (item) => {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    waiting.push({ item, resolve, reject });
    if (!running) void runAll();
    return promise;
  };

  async function runAll() {
    running = true;
    // What arrives in the same turn of the event loop belongs together.
    await Promise.resolve();
    while (waiting.length > 0) await runGroup(waiting.splice(0, most));
    running = false;
  }

  async function runGroup(group: Waiting[]): Promise<void> {
    try {
      const results = await run(group.map(({ item }) => item));
      for (const [index, { resolve, reject }] of group.entries()) {
        if (index in results) resolve(results[index] as Result);
        else reject(new Error("a group's run gave fewer results than it had items"));
      }
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error);
      else for (const one of group) await runGroup([one]);
    }
  }
}
