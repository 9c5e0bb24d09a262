const STATUS = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
} as const;

export type Code = keyof typeof STATUS;

/** A request that is not carried out, in the words that Google uses. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: Code;
  readonly details: readonly object[];

  constructor(code: Code, message: string, details: readonly object[] = []) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

export const invalid = (message: string) => new Refusal(400, message);

/** Google's error body, the same for every method. Probe: google/error. */
export const errorBody = ({ code, message, details }: Refusal) => ({
  error: { code, message, status: STATUS[code], ...(details.length > 0 && { details }) },
});
