// A real SMTP server for tests, with a certificate of its own. It keeps the mails that it accepts.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export type Received = { from: string; to: string[]; isEncrypted: boolean; user: unknown; mail: Email };
export type MailServer = {
  port: number;
  certificate: string;
  received: Received[];
  close: () => Promise<void>;
};

/** Accepts the login `relay` with the password `password-9`; refuses recipients at refused.example, defers later.example. */
export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const { key, cert } = makeCertificate();
  const received: Received[] = [];
  const server = new SMTPServer({
    key,
    cert,
    authOptional: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      username === "relay" && password === "password-9"
        ? done(null, { user: username })
        : done(new Error(`no such login: ${username} ${password}`)),
    onRcptTo: ({ address }, _session, done) => {
      const refused = Object.assign(new Error("relaying denied"), { responseCode: 550 });
      const later = Object.assign(new Error("greylisted, try again"), { responseCode: 451 });
      if (address.endsWith("@refused.example")) return done(refused);
      return address.endsWith("@later.example") ? done(later) : done();
    },
    onData: async (stream, session, done) => {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(Buffer.from(chunk));
      const { mailFrom, rcptTo } = session.envelope;
      received.push({
        from: mailFrom === false ? "" : mailFrom.address,
        to: rcptTo.map(({ address }) => address),
        isEncrypted: session.secure,
        user: session.user,
        mail: await PostalMime.parse(Buffer.concat(chunks)),
      });
      done();
    },
    ...options,
  });
  // A client that does not trust the certificate ends the connection.
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    port,
    certificate: cert,
    received,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}

function makeCertificate(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), "tagrelay-certificate-"));
  const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const files = ["-keyout", keyFile, "-out", certFile];
  try {
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"].concat(
        subject,
        files,
      ),
      { stdio: "ignore" },
    );
    return { key: readFileSync(keyFile, "utf8"), cert: readFileSync(certFile, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
