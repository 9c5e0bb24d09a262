/** One thing that is changed in a file of the product, to see whether a test notices. */
export interface Change {
  /** From the root of the checkout. */
  file: string;
  start: number;
  end: number;
  replacement: string;
  /** What is done: a few words that the report shows. */
  kind: string;
  /** Counted from one. */
  line: number;
  lastLine: number;
  /** The first line of the function around it. */
  functionLine: number;
  /** Of whom it is, for the choice: the file, the function's name and the line. */
  about: string;
  /** The line as it stands, which tells the change in a list that outlives line numbers. */
  context: string;
  before: string;
}

export const oneLine = (text: string) => text.replace(/\s+/g, " ").trim();

/** Two changes of one name are the same change: lines may have moved since. */
export const nameOf = ({
  file,
  context,
  before,
  replacement,
}: Pick<Change, "file" | "context" | "before" | "replacement">) =>
  JSON.stringify([file, context, before, oneLine(replacement)]);
