/** The same items, the next one being fetched while one is worked on. */
export async function* prefetched<Item>(source: AsyncGenerator<Item>): AsyncGenerator<Item> {
  let next = source.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = source.next();
      // It may fail before anybody waits for it.
      next.catch(() => {});
      yield value;
    }
  } finally {
    // Not waited for: whoever stops early does not want what is under way.
    void source.return(undefined).catch(() => {});
  }
}
