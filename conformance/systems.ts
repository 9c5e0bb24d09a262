import { flowcore } from "./flowcore/flowcore.ts";
import { google } from "./google/google.ts";
import type { System } from "./probe.ts";
import { vivenu } from "./vivenu/vivenu.ts";

export const systems: System[] = [flowcore, vivenu, google];
