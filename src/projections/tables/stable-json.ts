/**
 * JSON whose keys are in one order at every depth: PostgreSQL hands the keys of a document back in an
 * order of its own, and the same content is to be the same text.
 */
export function stableJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(stableJson).join(",")}]`;
  const parts: string[] = [];
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [key, inner] of entries)
    if (inner !== undefined) parts.push(`${JSON.stringify(key)}:${stableJson(inner)}`);
  return `{${parts.join(",")}}`;
}
