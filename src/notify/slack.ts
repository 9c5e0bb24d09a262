import type { Outgoing, Sender } from "./outgoing.ts";
import { post } from "./post.ts";
import type { Hidden } from "./settings.ts";

/**
 * An incoming webhook of Slack, or of what takes the same (Mattermost, Rocket.Chat, Discord's `/slack`):
 * text alone, for that is what all of them show.
 */
export const slackSender = ({ url }: { url: Hidden }): Sender => ({
  send: (outgoing, signal) => post(url.reveal(), JSON.stringify(slackBody(outgoing)), {}, signal),
  close() {},
});

/** Slack takes no more than 40,000 characters, and each of these may take five. */
const LONGEST = 7_500;

export function slackBody({ message: { title, lines, link }, text }: Outgoing) {
  const words = text ?? [title, ...lines.map((line) => `• ${line}`)].join("\n");
  const all = escaped(words.slice(0, LONGEST).toWellFormed());
  return {
    text: link === null ? all : `${all}\n${link}`,
    // A name is no command: it links to nothing, calls nobody and is set in no other type.
    ...{
      mrkdwn: false,
      parse: "none",
      link_names: false,
      unfurl_links: false,
      unfurl_media: false,
    },
  };
}

/** As Slack asks for it: with these, `<!channel>` and `<https://...>` are words. */
const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
