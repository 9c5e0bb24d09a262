/**
 * A request of HTTP/1.0 need not name a host, as HAProxy's plain check does not; Bun then hands over the
 * path alone, which no router and no `URL` can read. The name that stands in for the host is nobody's.
 */
export const withOrigin = (request: Request): Request =>
  URL.canParse(request.url)
    ? request
    : new Request(new URL(request.url, "http://no-host.invalid").href, request);
