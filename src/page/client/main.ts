/**
 * The page's one script. Everything works without it; with it the page is live, filters follow as they are
 * changed, and keys do what hands would. Where it finds things, by what the server writes:
 *
 * - `<main>` is what a fetch of the same address takes the place of, and with it whatever has `data-part` and an
 *   id; its numbers are in elements with `data-field` within something that has an id.
 * - `<body data-stream="/api/stream">` makes it live; without it (of the past, or nobody signed in) it is not.
 * - `[data-live]` says how fresh the page is; the script says there when it is not.
 * - `form[data-auto]` is sent as soon as it changes. `[data-copy]` copies the address.
 * - `input[data-find]` is where `/` goes; rows are `tbody th a`; `nav a[data-key]` is where g and its key go.
 */
import { crosshairs } from "./crosshair.ts";
import { layOutFolded } from "./folded.ts";
import { forms } from "./forms.ts";
import { whenIdle } from "./idle.ts";
import { keys } from "./keys.ts";
import { live, lookAgain } from "./live.ts";
import { place } from "./say.ts";
import { copyLinks, rememberZone, tellSignedOut } from "./small.ts";

place();
crosshairs();
keys();
copyLinks();
tellSignedOut();
forms();
layOutFolded();
live();
// The first look at its zone takes a browser longer than all of the above, and nobody waits for it.
whenIdle(() => {
  if (rememberZone()) lookAgain();
});
