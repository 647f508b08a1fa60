// Sends notices by e-mail.
import { createHash } from "node:crypto";
import {
  type ChannelKind,
  type Delivery,
  deliveryFailed,
  deliveryNeedsAttention,
  type Mailed,
  type Notice,
} from "../../kinds/channel.ts";
import { fitInto } from "../fit-into.ts";
import { linesOf } from "../notice-text.ts";
import type { SmtpSettings } from "./settings.ts";

const defaultPorts = { tls: 465, starttls: 587, none: 25 };

export const smtp: ChannelKind<SmtpSettings> = {
  send: async (settings, notice, { sendMail, readSecret }) => {
    if (sendMail === null) {
      return deliveryNeedsAttention(
        "expected the local program, found AWS; there, use a channel of kind sns",
      );
    }
    const {
      host,
      security = "starttls",
      port = defaultPorts[security],
      username,
      secret,
      from,
      to,
    } = settings;
    const password = secret === undefined ? null : await readSecret(secret);
    if (secret !== undefined && password === null) {
      return deliveryNeedsAttention(`the secret ${secret} is missing`);
    }
    const mailed = await sendMail({
      server: { host, port, security },
      login: username === undefined || password === null ? null : { username, password: password.trim() },
      from,
      to: [to].flat(),
      ...mailText(notice),
    });
    return readMailed(mailed, notice);
  },
  secretsOf: ({ secret }) => (secret === undefined ? [] : [secret]),
  // Mail does not go through `send`; the connection goes to `host` and nowhere else.
  originsOf: () => [],
};

export function mailText(notice: Notice) {
  const { id, title, url } = notice;
  return {
    subject: fitInto(`Tagrelay: ${title}`, 200),
    text: [title, linesOf(notice, { maxSteps: 50, maxLine: 1_000 }).join("\n"), url ?? ""]
      .filter((part) => part !== "")
      .join("\n\n"),
    id: createHash("sha256").update(id).digest("hex").slice(0, 32),
  };
}

/** If some recipients got a notice, it is not sent again, which would repeat it for them; a test shows who did not. */
function readMailed(mailed: Mailed, { subject }: Notice): Delivery {
  if (mailed.kind === "refused") {
    return mailed.isPermanent ? deliveryNeedsAttention(mailed.reason) : deliveryFailed(mailed.reason);
  }
  if (mailed.rejected.length === 0 || subject !== "test") return { kind: "delivered" };
  return deliveryNeedsAttention(
    `the mail server refused these recipients, and accepted the others: ${mailed.rejected.join(", ")}`,
  );
}
