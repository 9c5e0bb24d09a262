import { counted } from "../../lib/counted.ts";
import type { Hidden } from "../settings.ts";
import type { Outgoing, Sender } from "./outgoing.ts";
import { post } from "./post.ts";

/**
 * An incoming webhook of Slack, or of what takes the same (Mattermost, Rocket.Chat, Discord's `/slack`):
 * text alone, for that is what all of them show.
 */
export const slackSender = ({ url }: { url: Hidden }): Sender => ({
  send(outgoing, signal) {
    const body = slackBody(outgoing, longestAt(url.reveal()));
    return post(url.reveal(), JSON.stringify(body), {}, signal);
  },
  close() {},
});

/**
 * How many characters they take, escaped and all: Slack 40,000, Discord 2,000, Rocket.Chat 5,000 where nobody
 * set it otherwise, and Mattermost more than that. What is longer Discord and Rocket.Chat refuse as a whole.
 */
export function longestAt(url: string): number {
  const { hostname } = new URL(url);
  if (/^hooks\.slack(-gov)?\.com$/.test(hostname)) return 39_000;
  return /(^|\.)discord(app)?\.com$/.test(hostname) ? 1_900 : 4_900;
}

export function slackBody({ message: { title, lines, link }, text }: Outgoing, longest = 4_900) {
  const words = text ?? [title, ...lines.map((line) => `• ${line}`)].join("\n");
  const end = link === null ? "" : `\n${link}`;
  return {
    text: linesThatFit(words, longest - end.length) + end,
    // A name is no command: it links to nothing, calls nobody and is set in no other type.
    mrkdwn: false,
    parse: "none",
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  };
}

/** Whole lines, escaped, and how many there is no room for. */
function linesThatFit(words: string, longest: number): string {
  const all = escaped(words.toWellFormed());
  if (all.length <= longest) return all;
  const lines = words.split("\n");
  const more = (left: number) => `\n… and ${counted(left, "more line")}`;
  let text = "";
  for (const [n, line] of lines.entries()) {
    const next = text + (n === 0 ? "" : "\n") + escaped(line.toWellFormed());
    const left = lines.length - n - 1;
    if (next.length + more(lines.length).length > longest) return text + more(left + 1);
    text = next;
  }
  return text;
}

/** As Slack asks for it: with these, `<!channel>` and `<https://...>` are words. */
const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
