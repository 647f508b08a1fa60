// Determines the address of Tagrelay, the API token and the webhook's secret.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { type Environment, readEnvironment, withSecretFiles } from "../../shared/environment.ts";
import { problemOfApiToken } from "../../shared/settings.ts";
import { parseJson } from "../../shared/validation/parse-json.ts";
import { defaultDataFolder } from "../start-options.ts";
import { CliError, exitCodes } from "./cli-error.ts";
import { defaultUrl } from "./defaults.ts";
import type { Io } from "./io.ts";

export type ConnectionOptions = { url?: string | undefined; token?: string | undefined };

/** `from` names the source in errors, which must not show the value. */
export type Secret = { value: string; from: string };
export type Connection = {
  /** Without a trailing slash. */
  url: string;
  isThisMachine: boolean;
  token: () => Secret;
  webhookSecret: () => Secret;
};

/** Where the local program keeps the secrets that it generated. */
const generatedFileIn = (data: string) => join(data, "secrets.json");
const generatedSecrets = z.object({ webhookSecret: z.string(), apiToken: z.string() });
type GeneratedName = keyof z.infer<typeof generatedSecrets>;

/** `data` is the data folder of the program on this machine. */
export function readConnection(
  io: Io,
  options: ConnectionOptions,
  data = defaultDataFolder(io.env),
): Connection {
  const env = readSecretEnvironment(io);
  const url = readUrl(options.url ?? env.TAGRELAY_URL ?? defaultUrl, options.url ? "--url" : "TAGRELAY_URL");
  const isThisMachine = /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname);
  const secret = (variable: string, name: GeneratedName, option?: string): Secret => {
    if (option) return { value: option, from: "--token" };
    // A generated secret must not reach another machine.
    const generated = () => (isThisMachine ? readGenerated(io, data, name) : null);
    return fromEnvironment(env, variable) ?? generated() ?? refuse(data, variable, isThisMachine);
  };
  return {
    url: url.href.replace(/\/(?:api\/?)?$/, ""),
    isThisMachine,
    token: () => checkToken(secret("TAGRELAY_API_TOKEN", "apiToken", options.token)),
    webhookSecret: () => secret("TAGRELAY_WEBHOOK_SECRET", "webhookSecret"),
  };
}

/** No header can have any other token. */
function checkToken(token: Secret): Secret {
  const problem = problemOfApiToken(token.from, token.value);
  if (problem !== null) throw new CliError(exitCodes.usageError, problem);
  return token;
}

/** The environment with the secrets of the program, also those in files. */
function readSecretEnvironment(io: Io): Environment {
  const env = readEnvironment(io.resolvePath(".env"), io.env);
  return withSecretFiles(env, ["TAGRELAY_API_TOKEN", "TAGRELAY_WEBHOOK_SECRET"], io.resolvePath);
}

function readUrl(text: string, from: string): URL {
  const url = URL.parse(text);
  if ((url?.protocol === "http:" || url?.protocol === "https:") && url.username === "") {
    url.search = "";
    url.hash = "";
    return url;
  }
  throw new CliError(
    exitCodes.usageError,
    `expected ${from} to be a URL such as ${defaultUrl}, found ${url?.username ? "a URL that contains a user name" : JSON.stringify(text)}`,
  );
}

function fromEnvironment(env: Environment, variable: string): Secret | null {
  const value = env[variable];
  return value ? { value, from: variable } : null;
}

/** A secret that the local program generated, if it was started with this data folder. */
function readGenerated(io: Io, data: string, name: GeneratedName): Secret | null {
  const generatedFile = generatedFileIn(data);
  const file = io.resolvePath(generatedFile);
  if (!existsSync(file)) return null;
  const secrets = generatedSecrets.safeParse(parseJson(readText(file)));
  if (secrets.success) return { value: secrets.data[name], from: generatedFile };
  throw new CliError(
    exitCodes.usageError,
    `expected the secrets of the local program in ${generatedFile}, found a file that cannot be read`,
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function refuse(data: string, variable: string, isThisMachine: boolean): never {
  const option = variable === "TAGRELAY_API_TOKEN" ? " or after --token" : "";
  const missing = `expected ${variable} in the environment, in .env${option}, found none`;
  throw new CliError(
    exitCodes.usageError,
    isThisMachine
      ? `no program was started in this folder, whose token would be in ${generatedFileIn(data)}: start one with tagrelay start, or name another one (${missing})`
      : missing,
  );
}
