/** What is made of an item that nobody writes into: made once, and kept as long as the item is. */
export function once<Item extends object, Made>(make: (item: Item) => Made) {
  const known = new WeakMap<Item, { made: Made }>();
  return (item: Item): Made => {
    const before = known.get(item);
    if (before) return before.made;
    const made = make(item);
    known.set(item, { made });
    return made;
  };
}
