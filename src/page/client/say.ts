/** One polite line for readers of screens: what was said before goes, and focus stays where it is. */
export function say(text: string) {
  let line = document.getElementById("said");
  if (!line) {
    line = document.createElement("p");
    line.id = "said";
    line.className = "unseen";
    line.setAttribute("aria-live", "polite");
    document.body.append(line);
  }
  line.textContent = text;
}
