/**
 * Calls of one turn of the event loop are worked on together. `work` gives what each item's call answers;
 * where it fails, all of that turn's calls do.
 */
export function gathered<Item, Answer>(
  work: (items: readonly Item[]) => Promise<(item: Item) => Answer>,
): (item: Item) => Promise<Answer> {
  let waiting: (PromiseWithResolvers<Answer> & { item: Item })[] = [];

  return (item) => {
    const call = { item, ...Promise.withResolvers<Answer>() };
    // Behind whatever goes on in this turn, for one call is most often the answer to another.
    if (waiting.length === 0) setImmediate(workOnAll);
    waiting.push(call);
    return call.promise;
  };

  async function workOnAll() {
    const calls = waiting;
    waiting = [];
    try {
      const answerTo = await work(calls.map(({ item }) => item));
      for (const { item, resolve } of calls) resolve(answerTo(item));
    } catch (error) {
      for (const { reject } of calls) reject(error);
    }
  }
}
