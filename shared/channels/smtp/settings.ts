// The settings of `smtp: …` in a channel: the mail server, the login, the sender and the recipients.
import * as z from "zod";
import { isLoopback } from "../../outgoing/origins.ts";
import { oneOf, secretName, text } from "../../validation/forms.ts";

const address = /^(?:[^<>"\r\n,;@]{1,100} )?<?[^\s<>"(),:;@[\]\\]{1,64}@[^\s<>"(),:;@[\]\\]{1,255}>?$/;
const recipient = text("an e-mail address such as ops@example.org", address);

export const smtpSettings = z
  .strictObject({
    host: text("the name of a mail server such as smtp.example.org", /^[A-Za-z0-9.:[\]-]{1,253}$/),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe("The port. Default: 465 with tls, 587 with starttls, 25 with none."),
    security: z
      .enum(["tls", "starttls", "none"])
      .optional()
      .describe(
        "How the connection is encrypted: tls from the start, starttls after a greeting, or none. Default: starttls.",
      ),
    username: z.string().min(1).optional().describe("The user name of the login. Default: no login."),
    secret: secretName.optional().describe("The name of the secret with the password of the login."),
    from: text("a sender such as tagrelay@example.org or Tagrelay <tagrelay@example.org>", address),
    to: oneOf("an e-mail address such as ops@example.org, or a list of up to 50", [
      recipient,
      z.array(recipient).min(1).max(50),
    ]).describe("The recipient, or a list of up to 50."),
  })
  .refine(({ username, secret }) => (username === undefined) === (secret === undefined), {
    error: 'expected "username" and "secret" together, found one of them',
  })
  .refine(
    ({ security, username, host }) => security !== "none" || username === undefined || isLoopback(host),
    {
      error:
        "expected tls or starttls for a login, found security: none, which sends the password in the clear",
    },
  );
export type SmtpSettings = z.infer<typeof smtpSettings>;
