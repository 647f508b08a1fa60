// Generates well-formed HTTP requests to every route, which the server must answer.

import { createHash, createHmac } from "node:crypto";
import { METHODS } from "node:http";
import type { Random } from "../random.ts";
import { apiToken, webhookSecret } from "../stand-ins/program.ts";
import {
  breakBody,
  largeBody,
  otherHooks,
  otherRegistries,
  pushBody,
  registryBody,
  reportBody,
  startBody,
} from "./bodies.ts";
import { pickMaker } from "./pick-maker.ts";
import { weirdJson, weirdText } from "./texts.ts";

export type FuzzRequest = {
  /** The label in the summary. */
  kind: string;
  bytes: Buffer;
  method: string;
  /** True if the server must answer it. */
  isHttp: boolean;
  /** True if another request may follow on the same connection. */
  isComplete: boolean;
};

export type Target = { kind: string; method: string; path: string; headers: string[]; body: Buffer };

/** What exists, so that some requests succeed. */
export type Known = { runIds: readonly string[] };

export function makeRequest(random: Random, known: Known): FuzzRequest {
  const target = makeTarget(random, known);
  const method = random.chance(0.05) ? random.pick(["HEAD", "PUT", ...usableMethods]) : target.method;
  const headers = [...target.headers, ...moreHeaders(random)];
  const kind = method === target.method ? target.kind : "another method";
  return { kind, method, isHttp: true, ...writeRequest(random, { ...target, method, headers }) };
}

// After CONNECT, a connection no longer carries HTTP.
const usableMethods = METHODS.filter((method) => method !== "CONNECT");

export function makeTarget(random: Random, known: Known): Target {
  const kind = random.integer(0, 100 - 1);
  if (kind < 28) return hook(random, webhookSecret, "webhook");
  if (kind < 35) return hook(random, encode(random, weirdText(random)), "webhook, wrong secret");
  if (kind < 42) return registryHook(random);
  if (kind < 48) return reportHook(random, known);
  if (kind < 75) return api(random, known, [`Authorization: Bearer ${apiToken}`], "API");
  if (kind < 83) return api(random, known, wrongToken(random), "API, wrong token");
  const nothing = { method: "GET", headers: [], body: Buffer.alloc(0) };
  if (kind < 85)
    return { ...nothing, kind: "healthz, /", path: random.pick(["/healthz", "/", "/healthz?a=b"]) };
  if (kind < 92) return page(random, known);
  return { ...nothing, kind: "unknown path", path: weirdPath(random) };
}

function hook(random: Random, secret: string, kind: string): Target {
  const type = random.chance(0.9)
    ? "application/json"
    : random.pick([
        "application/json; charset=utf-16",
        "application/vnd.docker+json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        ",",
        "application/json, application/json",
        "x".repeat(2_000),
      ]);
  const large = random.chance(0.003);
  const body = large
    ? largeBody(random)
    : breakBody(random, random.chance(0.95) ? pushBody(random) : weirdJson(random));
  const headers = random.chance(0.98) ? [`Content-Type: ${type}`] : [];
  return { kind, method: "POST", path: `/hooks/dockerhub/${secret}`, headers, body };
}

/** The secret is in the path or in a header, or a wrong one is. */
function registryHook(random: Random): Target {
  const registry = random.pick([...otherRegistries]);
  const body = breakBody(random, registryBody(random, registry));
  const headers = ["Content-Type: application/json"];
  const target = { kind: `webhook, ${registry}`, method: "POST", path: `/hooks/${registry}`, headers, body };
  return pickMaker(random, [
    () => ({ ...target, path: `${target.path}/${webhookSecret}` }),
    () => ({ ...target, path: `${target.path}/${encode(random, weirdText(random))}` }),
    () => ({ ...target, headers: [...headers, `Authorization: Bearer ${webhookSecret}`] }),
    () => ({ ...target, headers: [...headers, `Authorization: ${webhookSecret}`] }),
    () => ({ ...target, headers: [...headers, ...wrongToken(random)] }),
    () => ({
      ...target,
      headers: [...headers, `X-Gitea-Signature: ${random.pick(["", "x", "0".repeat(64)])}`],
    }),
  ]);
}

/** Signed, with a token, or with a wrong one. */
function reportHook(random: Random, { runIds }: Known): Target {
  const report = random.pick([...otherHooks]);
  const body = breakBody(random, reportBody(random, report, runIds));
  const path = `/hooks/${pathsOfReports.get(report) ?? "github"}`;
  const right = proofOf(random, report, body);
  const proof = random.chance(0.85) ? right : wrongToken(random);
  const headers = ["Content-Type: application/json", ...proof];
  return { kind: `webhook, ${report}`, method: "POST", path, headers, body };
}

const pathsOfReports: ReadonlyMap<(typeof otherHooks)[number], string> = new Map([
  ["gitlab", "gitlab"],
  ["gitlab push", "gitlab"],
  ["bitbucket", "bitbucket"],
  ["done", "done"],
]);

function proofOf(random: Random, report: (typeof otherHooks)[number], body: Buffer): string[] {
  if (report === "gitlab") return ["X-Gitlab-Event: Pipeline Hook", `X-Gitlab-Token: ${webhookSecret}`];
  if (report === "gitlab push") return proofOfGitlab(random, body);
  if (report === "done") return [`Authorization: Bearer ${apiToken}`];
  const signature = createHmac("sha256", webhookSecret).update(body).digest("hex");
  if (report === "bitbucket") return ["X-Event-Key: repo:push", `X-Hub-Signature: sha256=${signature}`];
  return [`X-GitHub-Event: ${report}`, `X-Hub-Signature-256: sha256=${signature}`];
}

/** The token, or a signature with the wrong or the right time. */
function proofOfGitlab(random: Random, body: Buffer): string[] {
  const event = `X-Gitlab-Event: ${random.pick(["Push Hook", "Tag Push Hook"])}`;
  if (random.chance(0.5)) return [event, `X-Gitlab-Token: ${webhookSecret}`];
  const time = random.pick([String(Math.floor(Date.now() / 1_000)), "1", "-1", "9".repeat(400), "x", ""]);
  const key = createHash("sha256").update(webhookSecret).digest();
  const signature = createHmac("sha256", key).update(`a.${time}.`).update(body).digest("base64");
  const signatures = random.pick([`v1,${signature}`, `v1,x v1,${signature}`, "v1,", ",".repeat(999)]);
  return [event, "Webhook-Id: a", `Webhook-Timestamp: ${time}`, `Webhook-Signature: ${signatures}`];
}

function api(random: Random, { runIds }: Known, headers: string[], kind: string): Target {
  const pipeline = random.chance(0.7)
    ? random.pick(["chain", "wide", "graph", "__proto__", "constructor"])
    : encode(random, weirdText(random));
  const run = random.chance(0.6)
    ? random.pick([`${pipeline}.20261120T030000123-k3f9a1`, ...runIds])
    : encode(random, weirdText(random));
  const get = { kind, method: "GET", headers, body: Buffer.alloc(0) };
  const post = { ...get, method: "POST" };
  return pickMaker(random, [
    () => ({ ...get, path: "/api/pipelines" }),
    () => ({ ...get, path: `/api/pipelines/${pipeline}` }),
    () => ({ ...get, path: `/api/pipelines/${pipeline}/runs${query(random)}` }),
    () => ({ ...get, path: `/api/runs/${run}` }),
    () => ({ ...post, path: `/api/runs/${run}/${random.pick(["cancel", "retry"])}` }),
    () => ({ ...get, path: `/api${weirdPath(random)}` }),
    () => {
      const large = random.chance(0.01);
      const body = large ? largeBody(random) : breakBody(random, startBody(random));
      return { ...post, path: `/api/pipelines/${pipeline}/runs`, body };
    },
  ]);
}

function page(random: Random, { runIds }: Known): Target {
  const pipeline = random.chance(0.6)
    ? random.pick(["chain", "wide", "graph"])
    : encode(random, weirdText(random));
  const run = random.chance(0.6) ? random.pick(["x", ...runIds]) : encode(random, weirdText(random));
  const text = encode(random, weirdText(random));
  const headers = [
    ...random.pick([[], ["Accept: text/html"]]),
    ...random.pick([
      [],
      ["Cookie: tagrelay=1.x"],
      [`Cookie: tagrelay=${"9".repeat(13)}.${"a".repeat(43)}`],
      ["Cookie: ="],
    ]),
  ];
  const get = { kind: "pages", method: "GET", headers, body: Buffer.alloc(0) };
  const site = random.pick(["Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site", "Origin: null"]);
  const form = ["Content-Type: application/x-www-form-urlencoded", site];
  const body = breakBody(random, `token=${text}&to=${text}&from=${text}`);
  const post = { ...get, method: "POST", headers: [...headers, ...form], body };
  return pickMaker(random, [
    () => ({ ...get, path: `/pipelines/${pipeline}` }),
    () => ({ ...get, path: `/runs/${run}${random.pick(["", `?output=${text}`])}` }),
    () => ({
      ...get,
      path: `/badge/${pipeline}.${random.pick(["svg", "json", "png"])}${random.pick(["", `?label=${text}`])}`,
    }),
    () => ({ ...get, path: `/sign-in?to=${text}` }),
    () => ({ ...get, path: `/assets/${text}` }),
    () => ({ ...post, path: random.pick(["/sign-in", "/sign-out"]) }),
    () => ({ ...post, path: `/pipelines/${pipeline}/runs` }),
    () => ({ ...post, path: `/runs/${run}/${random.pick(["cancel", "retry"])}` }),
  ]);
}

function query(random: Random): string {
  const value = () => encode(random, weirdText(random)) || String(random.integer(0, 200 - 1) - 50);
  return pickMaker(random, [
    () => "",
    () => `?limit=${value()}`,
    () => `?next=${value()}`,
    () => `?limit=${value()}&next=${value()}&${value()}=${value()}`,
    () => "?limit=1&limit=2&next&next=",
    () => "?__proto__[limit]=1&constructor=1&limit[]=1",
    () => "?limit=%&next=%ff",
  ]);
}

function wrongToken(random: Random): string[] {
  return pickMaker(random, [
    () => [],
    () => ["Authorization: Bearer wrong"],
    () => [`Authorization: Basic ${Buffer.from("a:b").toString("base64")}`],
    () => ["Authorization:"],
    () => [`Authorization: Bearer ${"x".repeat(4_000)}`],
    () => ["Authorization: Bearer a, Bearer b"],
    () => ["Authorization: Bearer \xff\xfe"],
    () => ["X-Authorization: Bearer __proto__"],
  ]);
}

function weirdPath(random: Random): string {
  return pickMaker(random, [
    () => `/${encode(random, weirdText(random))}`,
    () => `/hooks/dockerhub${random.pick(["", "/", "/a/b", "//", "/%2e%2e/%2e%2e/healthz"])}`,
    () =>
      `/${random.pick(["api", "api/", "api/pipelines/", "api//runs", "runs/", "badge/x.svg", "favicon.ico"])}`,
    () => `/${random.pick(["%", "%zz", "%c0%af", "%00", "%ff%fe", "%2f%2f", "%u0041", "a%0d%0ab"])}`,
    () =>
      `/${random.pick(["../../x", "./healthz", "a/../healthz", "..%2f..", "a\\..\\b", "//x//y", ";a=b"])}`,
    () => `/${"a/".repeat(random.pick([10, 100, 3_000]))}`,
    () => `/${"%41".repeat(random.integer(0, 4_000 - 1))}`,
    () => `http://${random.pick(["x", "x:1", "127.0.0.1", "u:p@x", "[::1]", "_", "x:99999"])}/healthz`,
    () => `http://u:p@x/hooks/dockerhub/${webhookSecret}`,
    () => random.pick(["*", "/#a", "/?", "/?a#b", "/??", "//", "/<>", "/{}|^`", "/\xe4\xf6"]),
  ]);
}

/** Encodes a path segment, or leaves out what a path cannot hold. */
function encode(random: Random, text: string): string {
  const encoded = encodeURIComponent(text);
  if (random.chance(0.1)) return `${encoded}%`;
  return random.chance(0.2) ? text.replace(/[^!-~]|[?#]/g, "") : encoded;
}

function moreHeaders(random: Random): string[] {
  if (random.chance(0.6)) return [];
  return pickMaker(random, [
    () => ["Expect: 100-continue"],
    () => ["__proto__: x", "constructor: y", "toString: z"],
    () => Array.from({ length: 1 + random.integer(0, 150 - 1) }, (_, index) => `X-${index}: ${index}`),
    () => [`X-Long: ${"x".repeat(random.integer(0, 6_000 - 1))}`],
    () => ["Upgrade: websocket", "Connection: upgrade", "Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13"],
    () => ["Content-Encoding: gzip", "Accept-Encoding: gzip, br;q=x"],
    () => ["Accept: text/html", `Referer: ${encode(random, weirdText(random))}`],
    () => ["X-Forwarded-For: 1.2.3.4, ::1", "X-Forwarded-Proto: javascript", 'Forwarded: for="_x"'],
    () => ["X-HTTP-Method-Override: DELETE", "X-Original-URL: /api/pipelines"],
    () => ["Cookie: a=b; __proto__=c; =; ;;", "Cookie: d"],
    () => ["X-Bytes: \x80\xff\xfe\t\xa0"],
    () => ["Range: bytes=0-,-1", "If-None-Match: *", "If-Modified-Since: x"],
    () => ["Accept-Language: \t ", "X-Empty:", "X-Empty:"],
    () => ["Content-Type: text/plain", "Authorization: Bearer second"],
  ]);
}

const hosts = [
  "127.0.0.1",
  "localhost:8787",
  "x",
  "X.Example:1",
  "[::1]:1",
  "a_b",
  "1.2.3.4.5",
  "\xff",
  "a b",
  "x@y",
  "x/y",
  "x:99999",
] as const;

export function writeRequest(random: Random, { method, path, headers, body }: Target) {
  const host = random.chance(0.9) ? "127.0.0.1" : random.pick([...hosts]);
  const chunked = body.length > 0 && random.chance(0.2);
  const hasBody = body.length > 0 || method === "POST";
  const length = chunked ? ["Transfer-Encoding: chunked"] : hasBody ? [`Content-Length: ${body.length}`] : [];
  // As many clients behind a proxy: the wrong tokens of one would soon be refused.
  const client = `X-Forwarded-For: 10.${random.integer(0, 255)}.${random.integer(0, 255)}.1`;
  const head = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, client, ...headers, ...length, "", ""].join(
    "\r\n",
  );
  const sent = chunked ? inChunks(random, body) : body;
  // After `Expect`, the server may not read the body; after `Upgrade`, the connection may not be HTTP.
  const isComplete = head.length < 15_000 && !/\r\n(?:Upgrade|Expect): /.test(head) && body.length < 60_000;
  return { bytes: Buffer.concat([Buffer.from(head, "latin1"), sent]), isComplete };
}

function inChunks(random: Random, body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let from = 0; from < body.length; ) {
    const part = body.subarray(from, from + 1 + random.integer(0, Math.max(64, body.length) - 1));
    const extension = random.chance(0.1) ? ";a=b" : "";
    parts.push(Buffer.from(`${part.length.toString(16)}${extension}\r\n`), part, Buffer.from("\r\n"));
    from += part.length;
  }
  const trailer = random.chance(0.1) ? "X-Trailer: __proto__\r\n" : "";
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailer}\r\n`)]);
}
