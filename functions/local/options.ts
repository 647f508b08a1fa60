// The command line of the machine-local program.
import { parseArgs } from "node:util";
import { didYouMean } from "../../shared/core/did-you-mean.ts";

export type LocalOptions = {
  host: string;
  port: number;
  config: string | null;
  data: string;
  live: boolean;
  hubUrl: string | null;
  registryUrl: string | null;
  dynamodbEndpoint: string | null;
};

/** What the user got wrong, in words that tell how to do it right. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const usage = (started: string) => `Usage: ${started} [options]

  --port PORT                port to listen on; 0 picks one          (8787)
  --host HOST                address to listen on                    (127.0.0.1)
  --config FILE              the pipelines                           (tagrelay.yaml)
  --data DIR                 where the state is kept                 (.tagrelay/)
  --live                     use the real Docker Hub, with the secrets from the environment or .env
  --hub-url URL              another Docker Hub in place of the real or the simulated one
  --registry-url URL         another registry in place of the real one
  --dynamodb-endpoint URL    another DynamoDB in place of the embedded one
  --help                     this text

Environment: TAGRELAY_WEBHOOK_SECRET, TAGRELAY_API_TOKEN, and the secrets that the pipelines name.`;

export const flags = {
  port: { type: "string" },
  host: { type: "string" },
  config: { type: "string" },
  data: { type: "string" },
  live: { type: "boolean" },
  "hub-url": { type: "string" },
  "registry-url": { type: "string" },
  "dynamodb-endpoint": { type: "string" },
  help: { type: "boolean" },
} as const;

export function readOptions(args: readonly string[]): LocalOptions | "help" {
  const values = parse(args);
  if (values.help === true) return "help";
  return {
    host: values.host ?? "127.0.0.1",
    port: readPort(values.port ?? "8787"),
    config: values.config ?? null,
    data: values.data ?? ".tagrelay",
    live: values.live ?? false,
    hubUrl: readUrl("--hub-url", values["hub-url"]),
    registryUrl: readUrl("--registry-url", values["registry-url"]),
    dynamodbEndpoint: readUrl("--dynamodb-endpoint", values["dynamodb-endpoint"]),
  };
}

function parse(args: readonly string[]) {
  const names = Object.keys(flags).map((name) => `--${name}`);
  for (const arg of args) {
    const [name] = arg.split("=");
    if (name?.startsWith("--") && name !== "--" && !names.includes(name)) {
      throw new UsageError(
        `unknown option ${name}${didYouMean(name, names) || `; known are ${names.join(", ")}`}`,
      );
    }
  }
  try {
    return parseArgs({
      args: [...args],
      options: flags,
      allowPositionals: false,
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "the options cannot be read");
  }
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  throw new UsageError(`expected --port from 0 to 65535, found ${JSON.stringify(text)}`);
}

function readUrl(flag: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  const url = URL.parse(text);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.origin;
  throw new UsageError(
    `expected ${flag} to be a URL such as http://127.0.0.1:9000, found ${JSON.stringify(text)}`,
  );
}
