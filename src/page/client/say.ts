/** One polite line for readers of screens: what was said before goes, and focus stays where it is. */
export function say(text: string) {
  place().textContent = text;
}

/** It is there before anything is said: readers follow what they know. */
export function place(): Element {
  const known = document.getElementById("said");
  if (known) return known;
  const line = document.createElement("p");
  line.id = "said";
  line.className = "unseen";
  line.setAttribute("aria-live", "polite");
  document.body.append(line);
  return line;
}
