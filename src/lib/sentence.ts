/** What `/status` says of something in plain words, and whose it is: an account's, or no account's alone. */
export interface Sentence {
  account: string | null;
  text: string;
}

export const ofNobody = (text: string): Sentence => ({ account: null, text });

/** The same of each. */
export const sentencesOf = (account: string | null, texts: readonly string[]): Sentence[] =>
  texts.map((text) => ({ account, text }));

/** What is one account's is not to keep another's from being named: so many of each, in their order. */
export const someOfEach = <One extends { account: string | null }>(
  all: readonly One[],
  most: number,
) => [...Map.groupBy(all, ({ account }) => account).values()].flatMap((its) => its.slice(0, most));
