// Runs a curl command without curl: supports -X, -H, -d, a URL and environment variables.
import { parseArgs } from "node:util";
import { readJson } from "./json.ts";

export async function curl(command: string, env: Record<string, string> = {}) {
  const [program, ...args] = words(command.trim(), env);
  if (program !== "curl") throw new Error(`expected a curl command, found ${program}`);
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      request: { type: "string", short: "X" },
      header: { type: "string", short: "H", multiple: true },
      data: { type: "string", short: "d" },
    },
  });
  const [url = "", ...more] = positionals;
  if (more.length > 0) throw new Error(`expected one URL, found ${positionals.length}`);
  const headers = new Headers(
    values.header?.map((header): [string, string] => {
      const [name = "", ...rest] = header.split(": ");
      return [name, rest.join(": ")];
    }),
  );
  if (values.data !== undefined && !headers.has("content-type")) {
    headers.set("content-type", "application/x-www-form-urlencoded");
  }
  const body = values.data === undefined ? {} : { body: values.data };
  const method = values.request ?? (values.data === undefined ? "GET" : "POST");
  const response = await fetch(url, { method, headers, ...body });
  return { status: response.status, body: await readJson(response) };
}

/** Splits like a shell: bare words, single quotes, and double quotes with variables. */
function words(command: string, env: Record<string, string>): string[] {
  return [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) =>
      single ?? (double ?? bare ?? "").replace(/\$(\w+)/g, (_match, name: string) => env[name] ?? ""),
  );
}
