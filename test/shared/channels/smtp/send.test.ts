import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createSendMail } from "../../../../functions/local/send-mail.ts";
import { smtp } from "../../../../shared/channels/smtp/send.ts";
import type { SmtpSettings } from "../../../../shared/channels/smtp/settings.ts";
import type { Notice } from "../../../../shared/kinds/channel.ts";
import { type MailServer, startMailServer } from "../../../stand-ins/mail-server.ts";
import { channelContext, failure, saying } from "../../../stand-ins/notices.ts";

let server: MailServer;
let encrypted: MailServer;
beforeAll(async () => {
  server = await startMailServer();
  encrypted = await startMailServer({ secure: true });
});
beforeEach(() => {
  server.received.length = 0;
  encrypted.received.length = 0;
});
afterAll(async () => {
  await server.close();
  await encrypted.close();
});

const addresses = { from: "Tagrelay <tagrelay@example.org>", to: "ops@example.org" };
const login = { username: "relay", secret: "MAIL_PASSWORD" };

function send(
  settings: Partial<SmtpSettings> = {},
  {
    notice = failure,
    password = "password-9\n",
    to = server,
  }: { notice?: Notice; password?: string; to?: MailServer } = {},
) {
  const context = channelContext({ MAIL_PASSWORD: password });
  return smtp.send({ host: "localhost", port: to.port, ...addresses, ...settings }, notice, {
    ...context,
    sendMail: createSendMail(to.certificate),
  });
}

test("a failure is a mail with the steps and a link to the run, encrypted by STARTTLS", async () => {
  expect(await send(login)).toEqual({ kind: "delivered" });
  expect(server.received).toMatchObject([
    { from: "tagrelay@example.org", to: ["ops@example.org"], isEncrypted: true, user: "relay" },
  ]);
  const { mail } = server.received[0] ?? {};
  expect(mail).toMatchObject({
    subject: "Tagrelay: void-docker failed",
    from: { name: "Tagrelay", address: "tagrelay@example.org" },
    text: `void-docker failed

• step-1, after 2 attempts: GitHub Actions: failure (https://github.com/a/b_c/actions/runs/1)
Not built because of that: step-2, latest.

https://tagrelay.example.org/runs/void-docker.20261121T020000000-k3f9a1
`,
  });
  expect(mail?.headers).toContainEqual(
    expect.objectContaining({ key: "auto-submitted", value: "auto-generated" }),
  );
});

test("a server that encrypts from the start, and one on this machine without encryption, accept mail", async () => {
  expect(await send({ ...login, security: "tls" }, { to: encrypted })).toEqual({ kind: "delivered" });
  expect(encrypted.received).toMatchObject([{ isEncrypted: true }]);
  expect(await send({ security: "none" })).toEqual({ kind: "delivered" });
  expect(server.received).toMatchObject([{ isEncrypted: false }]);
});

test("a mail that is sent again has the same id, so that mailboxes can tell", async () => {
  await send();
  await send();
  const [first, second] = server.received.map(({ mail }) => mail.messageId);
  expect(first).toMatch(/^<[0-9a-f]{32}@example\.org>$/);
  expect(second).toBe(first);
});

test("nothing in a reason becomes a header or another mail", async () => {
  await send(
    {},
    {
      notice: {
        ...saying("x\r\n.\r\nMAIL FROM:<a@b>\r\nBcc: evil@example.org"),
        title: "a\r\nBcc: evil@example.org",
      },
    },
  );
  expect(server.received).toHaveLength(1);
  expect(server.received[0]?.to).toEqual(["ops@example.org"]);
  expect(server.received[0]?.mail.bcc).toBeUndefined();
});

test("a certificate that is not trusted gets no mail", async () => {
  const context = channelContext({});
  for (const to of [server, encrypted]) {
    const security = to === server ? "starttls" : "tls";
    const delivery = await smtp.send(
      { host: "localhost", port: to.port, security, ...addresses },
      failure,
      context,
    );
    expect(delivery).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("certificate was not accepted"),
    });
    expect(to.received).toEqual([]);
  }
});

test("a server without STARTTLS gets no mail, and no password", async () => {
  let logins = 0;
  const plain = await startMailServer({
    hideSTARTTLS: true,
    disabledCommands: ["STARTTLS"],
    onAuth: (_auth, _session, done) => {
      logins += 1;
      done(null, { user: "x" });
    },
  });
  const delivery = await send(login, { to: plain });
  expect(delivery).toMatchObject({
    kind: "failed",
    reason: expect.stringContaining("no encryption by STARTTLS"),
  });
  expect([logins, plain.received]).toEqual([0, []]);
  await plain.close();
});

test("a refused login needs somebody's attention, and the password is not shown", async () => {
  const delivery = await send(login, { password: "wrong-password-7" });
  expect(delivery).toEqual({
    kind: "failed",
    reason: `the mail server localhost:${server.port} refused the user name or the password`,
    retryAfterMs: null,
    needsAttention: true,
  });
});

test.each([
  ["ops@refused.example", "answered 550 relaying denied", true],
  ["ops@later.example", "answered 451 greylisted, try again", false],
])("%s: %s", async (to, reason, needsAttention) => {
  expect(await send({ to })).toMatchObject({
    kind: "failed",
    reason: expect.stringContaining(reason),
    needsAttention,
  });
});

test("if one of two recipients is refused, the other gets it once, and a test says who does not", async () => {
  const to = ["ops@example.org", "ops@refused.example"];
  expect(await send({ to })).toEqual({ kind: "delivered" });
  expect(server.received).toMatchObject([{ to: ["ops@example.org"] }]);
  expect(await send({ to }, { notice: { ...failure, subject: "test" } })).toMatchObject({
    reason: "the mail server refused these recipients, and accepted the others: ops@refused.example",
  });
});

test("a server that does not answer is an ordinary failure", async () => {
  const closed = await startMailServer();
  await closed.close();
  expect(await send({}, { to: closed })).toMatchObject({
    kind: "failed",
    reason: expect.stringMatching(/^could not reach the mail server localhost:\d+: /),
    needsAttention: false,
  });
});

test("a missing secret is named, and on AWS there is no mail", async () => {
  expect(await send({ username: "relay", secret: "OTHER" })).toMatchObject({
    reason: "the secret OTHER is missing",
  });
  const context = { ...channelContext({}), sendMail: null };
  expect(await smtp.send({ host: "localhost", ...addresses }, failure, context)).toMatchObject({
    reason: "expected the local program, found AWS; there, use a channel of kind sns",
    needsAttention: true,
  });
});
