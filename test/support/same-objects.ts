/** What says the same is the same object, as rows are that a reader remembers. */
export function sameObjects() {
  const known = new Map<string, object>();
  return <Item extends object>(item: Item): Item => {
    const key = JSON.stringify(item);
    const before = known.get(key) ?? item;
    known.set(key, before);
    // The cast: it says the same.
    return before as Item;
  };
}
