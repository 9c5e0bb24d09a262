const systems = ["PostgreSQL", "Flowcore", "Vivenu", "Google Sheets", "Notifications"];

export interface SandboxSettings {
  firstPort: number;
  plays: ReadonlySet<string>;
  liveSales: boolean;
  season: "years" | "full" | "small";
}

/** What the sandbox is told by its environment. Throws one error that names every value it cannot use. */
export function sandboxSettings(env: Record<string, string | undefined>): SandboxSettings {
  const faults: string[] = [];
  const given = (name: string) => env[name]?.trim() || undefined;
  const word = <Word extends string>(name: string, words: readonly [Word, ...Word[]]): Word => {
    const text = given(name);
    const found = text === undefined ? words[0] : words.find((one) => one === text);
    if (found === undefined) faults.push(`${name} must be ${words.join(" or ")}, not "${text}"`);
    return found ?? words[0];
  };
  const firstPort = Number(given("SANDBOX_PORT") ?? 18_800);
  if (!Number.isInteger(firstPort) || firstPort < 1 || firstPort > 65_532)
    faults.push("SANDBOX_PORT must be the first of four ports, 1 to 65532");
  const plays = (given("SANDBOX_PLAY") ?? systems.join(",")).split(",").map((name) => name.trim());
  const strangers = plays.filter((name) => !systems.includes(name));
  if (strangers.length > 0)
    faults.push(`SANDBOX_PLAY names ${strangers.join(", ")}; there are ${systems.join(", ")}`);
  const settings = {
    ...{ firstPort, plays: new Set(plays) },
    liveSales: word("SANDBOX_LIVE_SALES", ["on", "off"]) === "on",
    // `small` is a handful of events, for tests of the program itself.
    season: word("SANDBOX_SEASON", ["years", "full", "small"]),
  };
  if (faults.length > 0) throw new Error(faults.join("; "));
  return settings;
}
