import { InvalidArgumentError, Option } from "commander";

export const devOption = (what: string) => new Option("--dev", `${what} of a running \`dev\``);
export const regionOption = () => new Option("-r, --region <region...>", "only these accounts");
export const publicUrlOption = () =>
  new Option("--public-url <url>", "where Vivenu reaches this service, https://...").argParser(
    publicUrl,
  );

/** Vivenu calls no other, and a listener is known again by its address. */
function publicUrl(text: string) {
  const url = URL.parse(text);
  if (url?.protocol === "https:" && !url.search && !url.hash && !url.username) return text;
  throw new InvalidArgumentError("It begins with https:// and ends with the host or a path.");
}
