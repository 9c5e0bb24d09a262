const NAMES = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
} as const;

export type ErrorStatus = keyof typeof NAMES;

/** Vivenu's `HttpError`; its `statusCode` is a string. Probe: vivenu/error. */
export class HttpError extends Error {
  readonly status: ErrorStatus;

  constructor(status: ErrorStatus, message: string) {
    super(message);
    this.status = status;
  }

  get document() {
    return {
      statusCode: String(this.status),
      error: NAMES[this.status],
      message: this.message,
    };
  }
}
