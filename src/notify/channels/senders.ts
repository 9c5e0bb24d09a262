import type { Clock } from "../../lib/clock.ts";
import { Failure } from "../../lib/failure.ts";
import type { ChannelSettings, NotifySettings } from "../settings.ts";
import { emailSender } from "./email.ts";
import type { Sender } from "./outgoing.ts";
import { slackSender } from "./slack.ts";
import { webhookSender } from "./webhook.ts";

export function senderOf(
  channel: ChannelSettings,
  { smtp }: Pick<NotifySettings, "smtp">,
  clock: Clock,
): Sender {
  switch (channel.type) {
    case "slack":
      return slackSender(channel);
    case "webhook":
      return webhookSender({ ...channel, clock });
    case "email":
      if (!smtp) throw new Failure("refused", "a channel is an e-mail's, and there is no smtp");
      return emailSender({ smtp, to: channel.to });
  }
}
