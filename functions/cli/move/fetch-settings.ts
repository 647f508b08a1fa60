// Reads the build settings of accounts from Docker Hub's API, which is undocumented and goes with the feature.
import * as z from "zod";
import { type Origins, replaceKnownHost } from "../../../shared/outgoing/origins.ts";
import type { Send } from "../../../shared/outgoing/send.ts";
import { parseJson, parseJsonFields } from "../../../shared/validation/parse-json.ts";
import { CliError, exitCodes } from "../cli-error.ts";
import { collectSettings, type Saved } from "./collect-settings.ts";
import type { SavedSettings } from "./hub-source.ts";

export type HubLogin = { username: string; token: string };
export type HubPorts = { send: Send; origins: Origins };

const hub = "https://hub.docker.com";
/** Small enough for the limit on answers. */
const pageSize = 25;

export async function fetchSettings(
  ports: HubPorts,
  login: HubLogin,
  accounts: readonly string[],
): Promise<SavedSettings> {
  const token = await logIn(ports, login);
  const get = (path: string, what: string) => getJson(ports, token, path, what);
  const documents: Saved[] = [];
  for (const account of accounts) {
    for (const name of await repositoriesOf(get, account)) {
      const path = `/api/build/v1/source/?image=${encodeURIComponent(`${account}/${name}`)}`;
      const json = await get(path, `the build settings of ${account}/${name}`);
      documents.push({ json, url: new URL(path, hub) });
      for (const uri of urisIn(json)) {
        documents.push({
          json: await get(uri, `a build rule of ${account}/${name}`),
          url: new URL(uri, hub),
        });
      }
    }
  }
  return collectSettings(documents);
}

type Get = (path: string, what: string) => Promise<unknown>;

const pageSchema = z.object({ next: z.string().nullish(), results: z.array(z.object({ name: z.string() })) });

async function repositoriesOf(get: Get, account: string): Promise<string[]> {
  const names: string[] = [];
  for (let page = 1; ; page += 1) {
    const path = `/v2/namespaces/${encodeURIComponent(account)}/repositories?page=${page}&page_size=${pageSize}`;
    const { success, data } = pageSchema.safeParse(await get(path, `the repositories of ${account}`));
    if (!success) throw unexpected(`the repositories of ${account}`, "an answer of another form");
    names.push(...data.results.map(({ name }) => name));
    if (data.next === null || data.next === undefined) return names;
  }
}

const urisSchema = z.object({ objects: z.array(z.object({ build_settings: z.array(z.unknown()) })) });

/** The addresses of rules, at Docker Hub alone. */
function urisIn(json: unknown): string[] {
  const { data } = urisSchema.safeParse(json);
  return (data?.objects ?? []).flatMap((object) =>
    object.build_settings.filter(
      (uri): uri is string => typeof uri === "string" && /^\/api\/build\/v1\/setting\/[\w-]+\/$/.test(uri),
    ),
  );
}

const timeoutMs = 20_000;

async function logIn({ send, origins }: HubPorts, { username, token }: HubLogin): Promise<string> {
  const url = new URL(`${hub}/v2/auth/token`);
  const answer = await send({
    method: "POST",
    url: replaceKnownHost(url, origins),
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ identifier: username, secret: token }),
    timeoutMs,
  });
  if (answer.kind !== "answered") throw unreachable(answer.reason);
  const { access_token: bearer } = parseJsonFields(answer.text);
  if (answer.status === 200 && typeof bearer === "string" && /^[\x21-\x7e]+$/.test(bearer)) return bearer;
  throw new CliError(
    exitCodes.refused,
    `expected Docker Hub to accept DOCKERHUB_USERNAME and DOCKERHUB_TOKEN, found that it answered ${answer.status}; use a token that may read and write`,
  );
}

async function getJson(
  { send, origins }: HubPorts,
  bearer: string,
  path: string,
  what: string,
): Promise<unknown> {
  const url = new URL(`${hub}${path}`);
  const answer = await send({
    method: "GET",
    url: replaceKnownHost(url, origins),
    headers: { authorization: `Bearer ${bearer}`, accept: "application/json" },
    timeoutMs,
  });
  if (answer.kind !== "answered") throw unreachable(answer.reason);
  // A repository that Docker Hub does not build.
  if (answer.status === 404 && path.startsWith("/api/build/v1/source/")) return { objects: [] };
  const json = answer.status === 200 ? parseJson(answer.text) : undefined;
  if (json !== undefined) return json;
  throw unexpected(what, answer.status === 200 ? "no JSON" : `that it answered ${answer.status}`);
}

function unreachable(reason: string): CliError {
  return new CliError(exitCodes.unreachable, `expected an answer of Docker Hub, found none: ${reason}`);
}

function unexpected(what: string, found: string): CliError {
  const advice =
    "this API is undocumented: save the repositories' Builds pages as HAR instead, and give the files";
  return new CliError(exitCodes.unreachable, `expected ${what} from Docker Hub, found ${found}; ${advice}`);
}
