/** An outside system as it runs here: where it answers, and how it is put away. */
export interface Played {
  /** Origin without a trailing slash: `http://127.0.0.1:18801`. */
  url: string;
  stop(): Promise<void>;
}
