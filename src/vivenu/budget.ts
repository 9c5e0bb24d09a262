/** What one account may ask of Vivenu, shared by everybody who asks in its name. */
export interface Budget {
  /** Resolves when one more request may be made; rejects when `signal` aborts first. */
  take(signal?: AbortSignal): Promise<void>;
}
