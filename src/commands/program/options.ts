import { Option } from "commander";

export const devOption = (what: string) => new Option("--dev", `${what} of a running \`dev\``);
export const regionOption = () => new Option("-r, --region <region...>", "only these accounts");
