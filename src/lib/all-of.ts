type Settled<Asked> = { [Name in keyof Asked]: Awaited<Asked[Name]> };

/** What was asked for at one time, by its names, once all of it is there; fails with the first that fails. */
export async function allOf<Asked extends object>(asked: Asked): Promise<Settled<Asked>> {
  const answers = await Promise.all(
    Object.entries(asked).map(async ([name, answer]) => [name, await answer] as const),
  );
  // The cast: each name has what its promise gave.
  return Object.fromEntries(answers) as Settled<Asked>;
}
