/**
 * What all of these give. It waits for all, also after a failure; where several fail, that of the first is
 * told: behind a statement that failed all others of its transaction fail, and do not say why.
 */
export async function inOrder<const All extends readonly unknown[]>(
  all: All,
): Promise<{ -readonly [Key in keyof All]: Awaited<All[Key]> }> {
  const settled = await Promise.allSettled(all);
  const values = settled.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
  // The cast: each is what stands in its place.
  return values as { -readonly [Key in keyof All]: Awaited<All[Key]> };
}
