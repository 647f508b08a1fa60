// Which Tagrelay the command line talks to, and by what it is let in.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { type Environment, readEnvironment } from "../local/environment.ts";
import { CliError, exitCodes } from "./cli-error.ts";
import { defaultUrl } from "./defaults.ts";

export type ConnectionOptions = { url?: string | undefined; token?: string | undefined };

/** A secret, and where it is from, for errors that may not show it. */
export type Given = { value: string; from: string };
export type Connection = {
  /** Without a slash at its end. */
  url: string;
  isThisMachine: boolean;
  token: () => Given;
  webhookSecret: () => Given;
};

const keptFile = join(".tagrelay", "secrets.json");
const keptSecrets = z.object({ webhookSecret: z.string(), apiToken: z.string() });

export function readConnection(options: ConnectionOptions): Connection {
  const env = readEnvironment(".env", process.env);
  const url = readUrl(options.url ?? env.TAGRELAY_URL ?? defaultUrl, options.url ? "--url" : "TAGRELAY_URL");
  const isThisMachine = /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname);
  const secret = (variable: string, kept: keyof z.infer<typeof keptSecrets>, option?: string): Given => {
    if (option) return { value: option, from: "--token" };
    return given(env, variable) ?? (isThisMachine ? readKept(kept) : null) ?? refuse(variable, isThisMachine);
  };
  return {
    url: url.href.replace(/\/(?:api\/?)?$/, ""),
    isThisMachine,
    token: () => secret("TAGRELAY_API_TOKEN", "apiToken", options.token),
    webhookSecret: () => secret("TAGRELAY_WEBHOOK_SECRET", "webhookSecret"),
  };
}

function readUrl(text: string, from: string): URL {
  const url = URL.parse(text);
  if ((url?.protocol === "http:" || url?.protocol === "https:") && url.username === "") {
    url.search = "";
    url.hash = "";
    return url;
  }
  throw new CliError(
    exitCodes.wrongUsage,
    `expected ${from} to be a URL such as ${defaultUrl}, found ${url?.username ? "one with a user's name in it" : JSON.stringify(text)}`,
  );
}

function given(env: Environment, variable: string): Given | null {
  const value = env[variable];
  return value ? { value, from: variable } : null;
}

/** What the local program made up, in the folder that it was started in. */
function readKept(name: keyof z.infer<typeof keptSecrets>): Given | null {
  if (!existsSync(keptFile)) return null;
  try {
    return { value: keptSecrets.parse(JSON.parse(readFileSync(keptFile, "utf8")))[name], from: keptFile };
  } catch {
    throw new CliError(
      exitCodes.wrongUsage,
      `expected the secrets of the local program in ${keptFile}, found a file that cannot be read as such`,
    );
  }
}

function refuse(variable: string, isThisMachine: boolean): never {
  const option = variable === "TAGRELAY_API_TOKEN" ? " or after --token" : "";
  const hint = isThisMachine
    ? ` (the local program keeps what it made up in ${keptFile}, where it was started)`
    : "";
  throw new CliError(
    exitCodes.wrongUsage,
    `expected ${variable} in the environment, in .env${option}, found none${hint}`,
  );
}
