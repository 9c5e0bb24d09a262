let waiting: number | undefined;

/**
 * What is folded is laid out while nobody waits, so that opening it only has to paint: a table of fifty ticket
 * types takes longer than a click may. Browsers keep the layout of what a closed `<details>` hides, but begin
 * without one.
 */
export function layOutFolded() {
  document.addEventListener("shown", begin);
  begin();
}

function begin() {
  // Where a browser does not know when nobody waits, it is laid out when it is opened.
  if (!("requestIdleCallback" in window)) return;
  if (waiting !== undefined) cancelIdleCallback(waiting);
  layOutNext([...document.querySelectorAll("details:not([open]) > :not(summary)")]);
}

/** One at a time: a key that is pressed meanwhile waits for one of them at most. */
function layOutNext([next, ...others]: Element[]) {
  if (!next) return;
  waiting = requestIdleCallback(() => {
    // Whoever asks where something is has it laid out.
    next.getBoundingClientRect();
    layOutNext(others);
  });
}
