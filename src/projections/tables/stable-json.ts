/**
 * JSON whose keys are in one order at every depth: PostgreSQL hands the keys of a document back in an
 * order of its own, and the same content is to be the same text.
 */
export const stableJson = (value: unknown): string => JSON.stringify(inOrder(value)) ?? "null";

function inOrder(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, inOrder(inner)]),
  );
}
