/** The values that several items have, each with those items; both in the items' order. */
export function sharedBy<Item, Value>(
  items: readonly Item[],
  read: (item: Item) => Value | undefined,
): { value: Value; some: Item[] }[] {
  const byValue = Map.groupBy(items, read);
  return [...byValue].flatMap(([value, some]) =>
    value !== undefined && some.length > 1 ? [{ value, some }] : [],
  );
}
