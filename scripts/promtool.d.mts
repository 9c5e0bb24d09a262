export function needsPromtool(asked: readonly string[]): boolean;
export function promtool(): string | undefined;
