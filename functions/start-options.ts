// The command-line options of the local program.
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Environment } from "../shared/environment.ts";
import { registryOf } from "../shared/image/image.ts";
import { messageOf } from "../shared/log.ts";
import { UsageError } from "../shared/usage-error.ts";
import { didYouMean } from "../shared/validation/did-you-mean.ts";

export type LocalOptions = {
  host: string;
  /** Names that requests may be for, beside those of this machine. */
  allowedHosts: readonly string[];
  port: number;
  config: string | null;
  data: string;
  /** Each write is flushed to the disk before it counts. */
  durable: boolean;
  live: boolean;
  hubUrl: string | null;
  registryUrl: string | null;
  /** The servers to use in place of other registries, by host. */
  registries: ReadonlyMap<string, string>;
  dynamodbEndpoint: string | null;
};

/** Part of the clone, of the package and of the container image. */
export const sampleConfig = fileURLToPath(new URL("../tagrelay.yaml", import.meta.url));

/** Where the state is, unless --data says otherwise. */
export function defaultDataFolder(env: Environment): string {
  return env.TAGRELAY_DATA || ".tagrelay";
}

/** `command` is how the program was started. */
export const usage = (command: string) => `Usage: ${command} [options]

Runs the pipelines on this machine. Without --live, builds are simulated.

  --port PORT                port to listen on (default: 8787); 0 picks a free one
  --host HOST                address to listen on (default: 127.0.0.1)
  --allow-host NAME          also answer requests for this name, such as that of a
                             proxy; repeatable, *.example.org covers all below it
  --config FILE              configuration file (default: tagrelay.yaml)
  --data DIR                 folder for the state (default: TAGRELAY_DATA, or else
                             .tagrelay/)
  --durable                  flush each write to the disk: a power cut loses nothing
  --live                     start real builds
  --hub-url URL              use this server in place of Docker Hub
  --registry-url URL         use this server in place of Docker Hub's registry
  --registry HOST=URL        use this server in place of the registry; repeatable
  --dynamodb-endpoint URL    use this DynamoDB in place of the embedded one
  --help                     show this help

TAGRELAY_WEBHOOK_SECRET, TAGRELAY_API_TOKEN and the secrets that the pipelines
name are read from the environment, from .env, from the files that NAME_FILE
names, or from systemd's credentials.`;

export const flags = {
  port: { type: "string" },
  host: { type: "string" },
  "allow-host": { type: "string", multiple: true },
  config: { type: "string" },
  data: { type: "string" },
  durable: { type: "boolean" },
  live: { type: "boolean" },
  "hub-url": { type: "string" },
  "registry-url": { type: "string" },
  registry: { type: "string", multiple: true },
  "dynamodb-endpoint": { type: "string" },
  help: { type: "boolean" },
} as const;

export function readOptions(args: readonly string[], env: Environment = {}): LocalOptions | "help" {
  const values = parse(args);
  if (values.help === true) return "help";
  return {
    host: values.host ?? "127.0.0.1",
    allowedHosts: (values["allow-host"] ?? []).map(readHostName),
    port: readPort(values.port ?? "8787"),
    config: values.config ?? null,
    data: values.data ?? defaultDataFolder(env),
    durable: values.durable ?? false,
    live: values.live ?? false,
    hubUrl: readUrl("--hub-url", values["hub-url"]),
    registryUrl: readUrl("--registry-url", values["registry-url"]),
    registries: readRegistries(values.registry ?? []),
    dynamodbEndpoint: readUrl("--dynamodb-endpoint", values["dynamodb-endpoint"]),
  };
}

function parse(args: readonly string[]) {
  const names = Object.keys(flags).map((name) => `--${name}`);
  for (const arg of args) {
    const [name] = arg.split("=");
    if (name?.startsWith("--") && name !== "--" && !names.includes(name)) {
      const hint = didYouMean(name, names) || `; the options are ${names.join(", ")}`;
      throw new UsageError(`unknown option ${name}${hint}`);
    }
  }
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  throw new UsageError(`expected --port from 0 to 65535, found ${JSON.stringify(text)}`);
}

function readHostName(text: string): string {
  if (/^(?:\*\.)?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/.test(text)) return text;
  throw new UsageError(
    `expected --allow-host to be a name such as tagrelay.example.org, without a scheme or a port, found ${JSON.stringify(text)}`,
  );
}

function readRegistries(texts: readonly string[]): Map<string, string> {
  return new Map(
    texts.map((text) => {
      const [, host = "", address = ""] = /^([^=/\s]+)=(.+)$/.exec(text) ?? [];
      const url = URL.parse(address);
      if (url?.protocol === "http:" || url?.protocol === "https:") return [registryOf(host), url.origin];
      throw new UsageError(
        `expected --registry to be a host and a URL such as ghcr.io=http://127.0.0.1:5000, found ${JSON.stringify(text)}`,
      );
    }),
  );
}

function readUrl(flag: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  const url = URL.parse(text);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.origin;
  throw new UsageError(
    `expected ${flag} to be a URL such as http://127.0.0.1:9000, found ${JSON.stringify(text)}`,
  );
}
