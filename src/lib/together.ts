/** Whoever asks while one look-up is under way shares the next one: it begins after they asked. */
export function together<Found>(read: () => Promise<Found>): () => Promise<Found> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<Found> | undefined;
  return () => {
    next ??= running.then(() => {
      const mine = read();
      running = mine.catch(() => {});
      next = undefined;
      return mine;
    });
    return next;
  };
}
