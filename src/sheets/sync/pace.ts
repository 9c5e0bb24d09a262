/** When a mirror looks at its sheet, where nothing else is said. */
export const defaultMirrorPace = { gatherMs: 2_000, lookMs: 60_000, statusMs: 300_000 } as const;
