// Sends mail by SMTP. Only the local program can: nodemailer would make the Lambda bundles nearly half as large again.
import type { Mail, Mailed, SendMail } from "../../shared/kinds/channel.ts";

/** Longer than for other channels: mail servers let unknown clients wait. */
const timeoutMs = 15_000;

/** `ca` is an additional certificate authority to trust. */
export function createSendMail(ca?: string): SendMail {
  return async (mail) => {
    const { server, login } = mail;
    // Loaded only for the first mail: it would lengthen each start.
    const { createTransport } = await import("nodemailer");
    const transport = createTransport({
      host: server.host,
      port: server.port,
      secure: server.security === "tls",
      requireTLS: server.security === "starttls",
      ignoreTLS: server.security === "none",
      ...(login === null ? {} : { auth: { user: login.username, pass: login.password } }),
      ...(ca === undefined ? {} : { tls: { ca } }),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      const { rejected } = await transport.sendMail(messageOf(mail));
      return { kind: "accepted", rejected: rejected.map(String) };
    } catch (error) {
      return explain(error, server);
    } finally {
      transport.close();
    }
  };
}

function messageOf({ from, to, subject, text, id }: Mail) {
  const [, domain = "localhost"] = /@([^\s>]+)/.exec(from) ?? [];
  return {
    from,
    to: [...to],
    subject,
    text,
    messageId: `<${id}@${domain}>`,
    // Nobody's holiday answers a notice.
    headers: { "Auto-Submitted": "auto-generated" },
  };
}

/** Errors of the connection, by the code of nodemailer or of Node. */
const reasons = new Map([
  ["EDNS", "its host was not found"],
  ["ENOTFOUND", "its host was not found"],
  ["ECONNREFUSED", "the connection was refused"],
  ["ETIMEDOUT", "no answer in time"],
  ["ECONNECTION", "the connection broke"],
  ["ESOCKET", "the connection broke, or its certificate was not accepted"],
  ["ETLS", "it offers no encryption by STARTTLS, or its certificate was not accepted"],
]);

function explain(error: unknown, { host, port }: Mail["server"]): Mailed {
  const who = `the mail server ${host}:${port}`;
  const { code = "", responseCode = 0, response = "" } = detailsOf(error);
  // The answer to a login may repeat what was sent.
  if (code === "EAUTH") {
    return { kind: "refused", reason: `${who} refused the user name or the password`, isPermanent: true };
  }
  if (responseCode >= 400 && code !== "ETLS") {
    const said = response.replace(/\s+/g, " ").slice(0, 200);
    return { kind: "refused", reason: `${who} answered ${said}`, isPermanent: responseCode >= 500 };
  }
  const reason = reasons.get(code) ?? `the connection broke (${code || "no code"})`;
  return { kind: "refused", reason: `could not reach ${who}: ${reason}`, isPermanent: false };
}

type Details = { code?: string; responseCode?: number; response?: string };

function detailsOf(error: unknown): Details {
  if (typeof error !== "object" || error === null) return {};
  return {
    ...("code" in error && typeof error.code === "string" ? { code: error.code } : {}),
    ...("responseCode" in error && typeof error.responseCode === "number"
      ? { responseCode: error.responseCode }
      : {}),
    ...("response" in error && typeof error.response === "string" ? { response: error.response } : {}),
  };
}
