// Finds the images that a GitHub workflow builds: by actions such as build-push-action, by `docker build` lines, and by
// reusable workflows of the same repository.

import { posix } from "node:path";
import { parse } from "yaml";
import { type DockerCommand, dockerCommands, pairs } from "../docker-commands.ts";
import type { FilesView } from "../files-view.ts";
import { fromJson, isMap, textOrNull, type Value, type ValueMap } from "../hcl/value.ts";
import { isOpen } from "../open-text.ts";
import { expandShell, readAssignments } from "../shell-text.ts";
import { asText, type Contexts, closeMap, fillIn } from "./expressions.ts";
import { matrixRows } from "./matrix.ts";
import { metadataTags } from "./metadata-tags.ts";

export type WorkflowBuild = DockerCommand & {
  /** The workflow says that it is not pushed: `push: false`, or `load` without `push`. */
  isUnpushed: boolean;
};

type Look = { files: FilesView; github: ValueMap; depth: number };

export function workflowBuilds(text: string, files: FilesView, github: ValueMap): WorkflowBuild[] {
  return readDocument(text, new Map([["github", github]]), { files, github, depth: 0 });
}

const mapOf = (value: Value | undefined): ValueMap =>
  value !== undefined && isMap(value) ? value : new Map();

function readDocument(text: string, contexts: Contexts, look: Look): WorkflowBuild[] {
  let document: Value;
  try {
    document = fromJson(parse(text, { logLevel: "silent" }));
  } catch {
    return [];
  }
  const workflow = mapOf(document);
  const inner = withInputs(workflow, contexts);
  const env = fillMap(mapOf(workflow.get("env")), inner);
  const jobs = [...mapOf(workflow.get("jobs")).values()].map((job) => mapOf(job));
  return jobs.flatMap((job) => {
    const matrix = mapOf(job.get("strategy")).get("matrix") ?? null;
    const outer = new Map([...inner, ["env", env]]);
    return matrixRows(matrix, outer).flatMap((row) =>
      readJob(job, new Map([...outer, ["matrix", row.size === 0 ? row : closeMap(row)]]), look),
    );
  });
}

/** Inputs that are not given have their defaults. */
function withInputs(workflow: ValueMap, contexts: Contexts): Contexts {
  const events = mapOf(workflow.get("on"));
  const given = mapOf(contexts.get("inputs"));
  const declared = ["workflow_call", "workflow_dispatch"].flatMap((event) => [
    ...mapOf(mapOf(events.get(event)).get("inputs")),
  ]);
  const defaults = declared.flatMap(([name, input]): [string, Value][] => {
    const value = mapOf(input).get("default");
    return value === undefined ? [] : [[name, value]];
  });
  return new Map([...contexts, ["inputs", new Map([...defaults, ...given])]]);
}

function fillMap(map: ValueMap, contexts: Contexts): ValueMap {
  return new Map([...map].map(([key, value]) => [key, fillIn(asText(value), contexts)]));
}

function readJob(job: ValueMap, contexts: Contexts, look: Look): WorkflowBuild[] {
  const env = new Map([...mapOf(contexts.get("env")), ...fillMap(mapOf(job.get("env")), contexts)]);
  const inner = new Map([...contexts, ["env", env]]);
  const called = textOrNull(job.get("uses") ?? null);
  if (called !== null) return readCall(called, mapOf(job.get("with")), inner, look);
  const steps = job.get("steps");
  const list = Array.isArray(steps) ? steps.map((step) => mapOf(step)) : [];
  const outputs = new Map(list.flatMap((step): [string, Value][] => outputsOf(step, inner)));
  const known = new Map([...inner, ["steps", outputs]]);
  const directory = textOrNull(mapOf(mapOf(job.get("defaults")).get("run")).get("working-directory") ?? null);
  return list.flatMap((step) => readStep(step, known, directory ?? "."));
}

/** The tags that docker/metadata-action makes for a later step. */
function outputsOf(step: ValueMap, contexts: Contexts): [string, Value][] {
  const id = textOrNull(step.get("id") ?? null);
  if (id === null || !/\/metadata-action@/.test(asText(step.get("uses") ?? null))) return [];
  const tags = metadataTags(fillMap(mapOf(step.get("with")), contexts));
  return [[id, new Map([["outputs", new Map([["tags", tags.join("\n")]])]])]];
}

function readStep(step: ValueMap, contexts: Contexts, directory: string): WorkflowBuild[] {
  const env = new Map([...mapOf(contexts.get("env")), ...fillMap(mapOf(step.get("env")), contexts)]);
  const inner = new Map([...contexts, ["env", env]]);
  const script = textOrNull(step.get("run") ?? null);
  if (script !== null) {
    const folder = fillIn(asText(step.get("working-directory") ?? directory), inner);
    const values = new Map([...env].map(([name, value]) => [name, asText(value)]));
    const filled = fillIn(script, inner);
    const expanded = expandShell(filled, readAssignments(filled, values));
    return dockerCommands(expanded, folder).map((build) => ({ ...build, isUnpushed: false }));
  }
  // Its input `context` is no build context, but where it finds branches and tags.
  const action = asText(step.get("uses") ?? null);
  if (/metadata-action@/.test(action)) return [];
  return readWith(mapOf(step.get("with")), inner, /\/build-push-action@/.test(action));
}

/** A workflow of the same repository; what its own steps do not tell, its inputs may. */
function readCall(called: string, given: ValueMap, contexts: Contexts, look: Look): WorkflowBuild[] {
  const inputs = new Map(
    [...given].map(([key, value]): [string, Value] => [key, fillIn(asText(value), contexts)]),
  );
  const [, path] = /^\.\/(.+\.ya?ml)$/.exec(called) ?? [];
  const file = path === undefined || look.depth > 3 ? null : look.files.read(path);
  const found =
    file?.kind === "text"
      ? readDocument(
          file.text,
          new Map([
            ["github", look.github],
            ["inputs", inputs],
          ]),
          { ...look, depth: look.depth + 1 },
        )
      : [];
  const isNamed = found.some(({ tags }) => tags.some((tag) => !isOpen(tag)));
  return isNamed ? found : [...readWith(given, contexts, false), ...found];
}

const keys = {
  context: ["context", "buildcontext", "dockercontext"],
  file: ["file", "dockerfile", "dockerfilepath"],
  tags: ["tags", "imagetags", "tag", "imagetag"],
  image: ["image", "imagename", "images", "repository"],
};

/** The settings of an action that builds, whatever its name: they have the same names everywhere. */
function readWith(given: ValueMap, contexts: Contexts, isBuildAction: boolean): WorkflowBuild[] {
  const settings = new Map(
    [...fillMap(given, contexts)].map(([key, value]) => [
      key.toLowerCase().replace(/[-_]/g, ""),
      asText(value),
    ]),
  );
  const first = (names: readonly string[]) =>
    names.map((name) => settings.get(name)).find((value) => value !== undefined && value !== "");
  const context = first(keys.context);
  const file = first(keys.file);
  const tags = tagsIn(settings, first);
  const isBuild = isBuildAction || context !== undefined || file !== undefined || settings.has("buildargs");
  if (!isBuild || (tags.length === 0 && !isBuildAction && !settings.has("push"))) return [];
  const folder = folderOf(context);
  const isUnpushed =
    settings.get("push") === "false" || (settings.get("load") === "true" && !settings.has("push"));
  return [
    {
      tags,
      context: folder,
      path: file === undefined ? posix.join(folder, "Dockerfile") : posix.normalize(file),
      inline: null,
      target: settings.get("target") || null,
      args: pairs(linesOf(settings.get("buildargs"), false)),
      contexts: pairs(linesOf(settings.get("buildcontexts"), false)),
      platforms: linesOf(first(["platforms", "platform"])).filter((platform) => !isOpen(platform)),
      isUnpushed,
    },
  ];
}

/** `{{defaultContext}}:images/base` is a folder of the repository; a URL is taken for its root. */
function folderOf(context: string | undefined): string {
  const path = context?.replace(/^\{\{\s*defaultContext\s*\}\}:?/, "") ?? "";
  return path === "" || /^\w+:\/\//.test(path) ? "." : posix.normalize(path);
}

/** Also those that Docker's own workflows make of `meta-images` and `meta-tags`. */
function tagsIn(
  settings: ReadonlyMap<string, string>,
  first: (names: readonly string[]) => string | undefined,
): string[] {
  const metaImages = settings.get("metaimages");
  if (metaImages !== undefined) {
    const given = new Map([
      ["images", metaImages],
      ["tags", settings.get("metatags") ?? ""],
    ]);
    return metadataTags(given);
  }
  const names = namesOf(first(keys.image), linesOf(first(keys.tags)));
  // Platforms that are built one by one are pushed by digest, and tagged later.
  const pushed = /(?:^|[,"])name=([^,"\n]+)/.exec(settings.get("outputs") ?? "")?.[1];
  return names.length > 0 || pushed === undefined ? names : [pushed];
}

function linesOf(text: string | undefined, withCommas = true): string[] {
  const lines = (text ?? "").split(withCommas ? /[\n,]/ : /\n/).map((line) => line.trim());
  return lines.filter((line) => line !== "");
}

/** A tag without a repository is added to the name of the image. */
function namesOf(image: string | undefined, tags: readonly string[]): string[] {
  const whole = tags.filter((tag) => /[/:]/.test(tag));
  if (whole.length > 0) return whole;
  if (image === undefined || isOpen(image)) return tags.filter(isOpen);
  const names = linesOf(image);
  return tags.length === 0 ? names : names.flatMap((name) => tags.map((tag) => `${name}:${tag}`));
}
