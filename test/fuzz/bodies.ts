// Generates request bodies: valid, invalid, and some that are not JSON.

import { gzipSync } from "node:zlib";
import type { Random } from "../random.ts";
import { pickMaker } from "./pick-maker.ts";
import { weirdJson, weirdText } from "./texts.ts";

/** Mostly the right fields with the right types; sometimes wrong ones, and additional fields. */
export function pushBody(random: Random): string {
  const text = (usual: string) => (random.chance(0.6) ? JSON.stringify(usual) : weirdJson(random));
  const repository = text(random.pick(["acme/chain", "acme/wide", "acme/other", "acme/base"]));
  const tag = text(random.pick(["a", "b", "c", "1", "latest", "x"]));
  const fields = [
    `"repository":${random.chance(0.9) ? withOthers(random, `"repo_name":${repository}`) : weirdJson(random)}`,
    `"push_data":${random.chance(0.9) ? withOthers(random, `"tag":${tag}${pushedAt(random)}`) : weirdJson(random)}`,
  ];
  const kept = fields.filter(() => random.chance(0.97));
  return withOthers(random, kept.join(","));
}

/** The kinds of registries with a webhook other than Docker Hub's. */
export const otherRegistries = ["distribution", "harbor", "quay", "acr", "gitea"] as const;

/** A push in the format of another registry, with some of its values replaced. */
export function registryBody(random: Random, kind: (typeof otherRegistries)[number]): string {
  const { value, map, list } = almostRight(random);
  const repository = value("acme/other");
  const tag = value(random.pick(["a", "latest", "", `sha256:${"0".repeat(64)}`]));
  const digest = value(`sha256:${"0".repeat(64)}`);
  const host = random.pick(["registry.example.org", "localhost:5000", "", "docker.io", "[::1]:1"]);
  const event = () =>
    map({
      action: value("push"),
      timestamp: value("2026-11-25T09:05:57.376308715Z"),
      target: map({ repository, tag, digest, url: value(`https://${host}/v2/`) }),
      request: map({ host: value(host) }),
    });
  const resource = () => map({ resource_url: value(`${host}/acme/other:a`), tag, digest });
  const page = value(`https://${host}/acme/-/packages/container/other/a`);
  const owner = map({ login: value("acme"), html_url: page });
  switch (kind) {
    case "distribution":
      return map({ events: list(event) });
    case "acr":
      return event();
    case "harbor":
      return random.chance(0.5)
        ? map({
            type: value("PUSH_ARTIFACT"),
            occur_at: value(1_586_922_308),
            event_data: map({ resources: list(resource) }),
          })
        : map({ type: value("harbor.artifact.pushed"), data: map({ resources: list(resource) }) });
    case "quay":
      return map({
        docker_url: value(`${host}/acme/other`),
        updated_tags: random.chance(0.7) ? list(() => tag) : map({ latest: tag }),
      });
    case "gitea":
      return map({
        action: value("created"),
        package: map({ type: value("container"), name: value("other"), version: tag, owner, html_url: page }),
      });
  }
}

/** What GitHub, GitLab and any job report. */
export const otherHooks = [
  "push",
  "workflow_run",
  "package",
  "ping",
  "gitlab",
  "gitlab push",
  "bitbucket",
  "done",
] as const;

/** A report in the format of its sender, with some of its values replaced. */
export function reportBody(
  random: Random,
  kind: (typeof otherHooks)[number],
  runIds: readonly string[],
): string {
  const { value, map, list } = almostRight(random);
  const sha = value("0".repeat(40));
  const digest = value(`sha256:${"0".repeat(64)}`);
  switch (kind) {
    case "push": {
      const files = () => value("images/a/Dockerfile");
      const commit = () => map({ added: list(files), modified: list(files), removed: list(files) });
      const repository = map({ full_name: value("acme/images") });
      return map({
        ref: value("refs/heads/main"),
        before: sha,
        after: sha,
        repository,
        commits: list(commit),
      });
    }
    case "workflow_run": {
      const run = { id: value(7), conclusion: value("failure"), display_title: value("a") };
      const repository = map({ full_name: value("acme/images") });
      return map({ action: value("completed"), repository, workflow_run: map(run) });
    }
    case "package": {
      const tag = map({ name: value("a"), digest });
      const version = map({
        package_url: value("ghcr.io/acme/other:a"),
        container_metadata: map({ tag }),
      });
      const fields = { package_type: value("CONTAINER"), name: value("other"), namespace: value("acme") };
      return map({ action: value("published"), package: map({ ...fields, package_version: version }) });
    }
    case "ping":
      return map({ zen: value("Design for failure.") });
    case "gitlab": {
      const pipeline = map({ id: value(7), status: value("failed"), url: value("https://gitlab.com/x") });
      const project = map({ id: value(1), path_with_namespace: value("acme/images") });
      return map({ object_kind: value("pipeline"), object_attributes: pipeline, project });
    }
    case "gitlab push": {
      const files = () => value("images/a/Dockerfile");
      const commit = () => map({ added: list(files), modified: list(files), removed: list(files) });
      const project = map({ path_with_namespace: value("acme/images") });
      const ref = value(random.pick(["refs/heads/main", "refs/tags/v1"]));
      return map({
        ref,
        before: sha,
        after: sha,
        project,
        commits: list(commit),
        total_commits_count: value(1),
      });
    }
    case "bitbucket": {
      const change = () => {
        const name = value("main");
        const type = value(random.pick(["branch", "tag"]));
        return map({ new: map({ type, name, target: map({ hash: sha }) }), old: map({ name }) });
      };
      const repository = map({ full_name: value("acme/images") });
      return map({ repository, push: map({ changes: list(change) }) });
    }
    case "done":
      return map({
        run: value(random.pick(["chain.20261120T030000123-k3f9a1", ...runIds])),
        step: value(random.pick(["a", "b", "x"])),
        conclusion: value(random.pick(["success", "failure"])),
        ...(random.chance(0.5)
          ? { digest, image: value("acme/chain:a"), url: value("https://ci.example.org") }
          : {}),
      });
  }
}

/** Writes JSON in which some values are replaced, some are missing, and some are too many. */
function almostRight(random: Random) {
  const value = (usual: unknown) => (random.chance(0.85) ? JSON.stringify(usual) : weirdJson(random));
  const map = (fields: Record<string, string>) =>
    withOthers(
      random,
      Object.entries(fields)
        .filter(() => random.chance(0.97))
        .map(([name, json]) => `${JSON.stringify(name)}:${json}`)
        .join(","),
    );
  const list = (make: () => string) => `[${Array.from({ length: random.integer(0, 3) }, make).join(",")}]`;
  return { value, map, list };
}

function pushedAt(random: Random): string {
  if (random.chance(0.4)) return "";
  return `,"pushed_at":${random.chance(0.5) ? String(1_700_000_000 + random.integer(0, 200_000_000 - 1)) : weirdJson(random)}`;
}

function withOthers(random: Random, fields: string): string {
  if (random.chance(0.6)) return `{${fields}}`;
  const other = random.pick([
    `"__proto__":${weirdJson(random)}`,
    `"constructor":{"prototype":${weirdJson(random)}}`,
    '"__proto__":{"repo_name":"acme/chain","tag":"a","from":"a","isAdmin":true}',
    `"toString":${weirdJson(random)}`,
    `${JSON.stringify(weirdText(random))}:${weirdJson(random)}`,
    // Duplicate keys: the last one counts.
    fields,
  ]);
  const both = random.chance(0.5) ? [other, fields] : [fields, other];
  return `{${both.filter((part) => part !== "").join(",")}}`;
}

export function startBody(random: Random): string {
  return pickMaker(random, [
    () => "",
    () => "{}",
    () => withOthers(random, `"from":${JSON.stringify(random.pick(["a", "b", "base", "top"]))}`),
    () => withOthers(random, `"from":${weirdJson(random)}`),
    () => weirdJson(random),
  ]);
}

/** Breaks a body sometimes. */
export function breakBody(random: Random, text: string): Buffer {
  const bytes = Buffer.from(text);
  if (random.chance(0.75)) return bytes;
  const cut = random.integer(0, bytes.length + 1 - 1);
  return pickMaker(random, [
    () => bytes.subarray(0, cut),
    () => Buffer.concat([bytes, Buffer.from(weirdText(random))]),
    () => Buffer.concat([bytes.subarray(0, cut), invalidUtf8(random), bytes.subarray(cut)]),
    () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
    () => Buffer.from(text, "utf16le"),
    () => gzipSync(bytes),
    () => Buffer.from(`${" ".repeat(random.integer(0, 2_000 - 1))}${text}`),
    () => Buffer.from(Array.from({ length: random.integer(0, 300 - 1) }, () => random.integer(0, 256 - 1))),
    () => deepNesting(random),
    () => Buffer.alloc(0),
  ]);
}

function invalidUtf8(random: Random): Buffer {
  return Buffer.from(
    random.pick([[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]]),
  );
}

function deepNesting(random: Random): Buffer {
  const depth = random.chance(0.1) ? 100_000 : 10 + random.integer(0, 2_000 - 1);
  const [open, close] = random.pick([
    ["[", "]"],
    ['{"a":', "}"],
    ['{"push_data":', "}"],
    ["[{}", "]"],
  ]);
  return Buffer.from(`${open?.repeat(depth)}1${random.chance(0.7) ? close?.repeat(depth) : ""}`);
}

/** Up to two megabytes: below, at and above each limit. */
export function largeBody(random: Random): Buffer {
  const limit = random.pick([64 * 1024, 1024 * 1024]);
  const size = limit + random.pick([-1, 0, 1, limit]);
  const start = random.pick(["[", '"', "{", '{"push_data":"', ""]);
  return Buffer.alloc(size, random.pick(["x", "[", " ", "1", '{"a":'])).fill(start, 0, start.length);
}
