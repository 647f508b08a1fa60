// A real registry: Debian's docker-registry on a free port, with its images in a folder of the test.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { stringify } from "yaml";
import { until } from "../stand-ins/program.ts";
import { serve } from "../stand-ins/serve.ts";

export type Registry = { host: string; stop: () => Promise<void> };
export type RegistryOptions = {
  folder: string;
  /** Where it sends its notifications, and what proves that they are its own. */
  hook: { url: string; secret: string };
  /** Whether it asks for a login before it answers anything. */
  needsLogin: boolean;
};

export const login = { username: "acme", password: "a-password-of-the-tests" };
// The password's bcrypt hash, made with: htpasswd -nbB acme a-password-of-the-tests
const htpasswd = "acme:$2b$04$QMB54SyevBdvaklgP2.6YuQAqSS07CqCMAnrt8x2ja.n/AR8SppOK\n";

export async function startRegistry({ folder, hook, needsLogin }: RegistryOptions): Promise<Registry> {
  mkdirSync(folder, { recursive: true });
  const passwords = join(folder, "htpasswd");
  writeFileSync(passwords, htpasswd);
  const host = `127.0.0.1:${await findFreePort()}`;
  const config = join(folder, "config.yml");
  writeFileSync(
    config,
    stringify({
      version: "0.1",
      log: { level: "warn" },
      storage: { filesystem: { rootdirectory: join(folder, "images") } },
      http: { addr: host },
      ...(needsLogin ? { auth: { htpasswd: { realm: "images", path: passwords } } } : {}),
      notifications: {
        endpoints: [
          {
            name: "tagrelay",
            url: hook.url,
            headers: { Authorization: [`Bearer ${hook.secret}`] },
            timeout: "5s",
            threshold: 1,
            backoff: "200ms",
          },
        ],
      },
    }),
  );
  const server = spawn("docker-registry", ["serve", config], { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  server.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  server.once("error", (error) => {
    stderr += error.message;
  });
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  const answers = async () => {
    if (server.exitCode !== null) throw new Error(`the registry did not start: ${stderr}`);
    const response = await fetch(`http://${host}/v2/`).catch(() => null);
    return response?.status === (needsLogin ? 401 : 200);
  };
  await until(answers, "the registry answers");
  return {
    host,
    stop: () => {
      server.kill("SIGKILL");
      return ended;
    },
  };
}

async function findFreePort(): Promise<string> {
  const { origin, close } = await serve(createServer());
  await close();
  return new URL(origin).port;
}
