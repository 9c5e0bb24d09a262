import { flowcore } from "./flowcore/flowcore.ts";
import type { System } from "./probe.ts";
import { vivenu } from "./vivenu/vivenu.ts";

export const systems: System[] = [flowcore, vivenu];
