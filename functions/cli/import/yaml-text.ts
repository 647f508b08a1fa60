// Writes tagrelay.yaml as a person would: `sequence` if possible, otherwise `steps`, with the notes as comments.
import { Document, isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from "yaml";
import { order } from "../../../shared/pipeline/graph.ts";
import type { Imported, ImportedPipeline, ImportedStep, Note } from "./imported.ts";

export function yamlText({ pipelines, notes, builds }: Imported, source: string, command = "import"): string {
  const document = new Document({ pipelines: {} });
  const map = document.get("pipelines");
  if (isMap(map)) {
    for (const pipeline of pipelines) {
      const own = notes.filter((note) => note.pipeline === pipeline.name);
      const pair = document.createPair(pipeline.name, documentOf(pipeline));
      map.items.push(pair);
      if (isScalar(pair.key)) pair.key.commentBefore = comment(own.filter(({ step }) => step === null));
      if (isMap(pair.value)) format(pair.value, pipeline, own);
    }
  }
  if (builds !== undefined) {
    document.set("codebuild", document.createNode(builds.codebuild));
    for (const name of Object.keys(builds.codebuild)) {
      for (const key of ["source", "platforms"]) flow(document.getIn(["codebuild", name, key]));
      const logins = document.getIn(["codebuild", name, "logins"]);
      if (isMap(logins)) for (const { value } of logins.items) flow(value);
    }
  }
  const general = notes.filter(({ pipeline }) => pipeline === null);
  const lines = [` Imported from ${source} by tagrelay ${command}. Review it before use.`];
  document.commentBefore = [...lines, ...general.map(({ text }) => ` - ${text}`)].join("\n");
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function comment(notes: readonly Note[]): string | null {
  return notes.length === 0 ? null : notes.map(({ text }) => ` ${text}`).join("\n");
}

/** The common repository of all steps, if there is one; the steps then need only tags. */
function sharedRepository(steps: readonly ImportedStep[]): string | null {
  if (steps.length === 1) return null;
  const repositories = new Set(steps.map(({ image }) => image.slice(0, image.lastIndexOf(":"))));
  const [only, ...others] = repositories;
  return only === undefined || others.length > 0 ? null : only;
}

/** The trigger, if it is the same for all steps; it is then written once, for the pipeline. */
function sharedTrigger(steps: readonly ImportedStep[]): ImportedStep["trigger"] {
  const [first] = steps;
  const isShared = steps.every(({ trigger }) => JSON.stringify(trigger) === JSON.stringify(first?.trigger));
  return isShared ? (first?.trigger ?? null) : null;
}

/** The upstreams, if all first steps have the same and no other step has any; `upstream` of a pipeline means that. */
function sharedUpstreams(steps: readonly ImportedStep[]): readonly string[] | null {
  const listOf = ({ after, upstreams }: ImportedStep) =>
    after.length === 0 ? upstreams.join() : upstreams.length === 0 ? null : "more";
  const lists = new Set(steps.map(listOf).filter((list) => list !== null));
  const upstreams = steps.find(({ after }) => after.length === 0)?.upstreams ?? [];
  return lists.size === 1 && !lists.has("more") && upstreams.length > 0 ? upstreams : null;
}

function oneOrAll(texts: readonly string[]): unknown {
  return texts.length === 1 ? texts[0] : texts;
}

/** Stages in which each step comes after all steps of the previous stage; null if the graph has another shape. */
export function stagesOf(steps: readonly ImportedStep[]): ImportedStep[][] | null {
  const ordered = order(steps);
  if (ordered.kind === "cycle") return null;
  const depths = new Map<string, number>();
  const stages: ImportedStep[][] = [];
  for (const step of ordered.nodes) {
    const depth = Math.max(-1, ...step.after.map((name) => depths.get(name) ?? 0)) + 1;
    depths.set(step.name, depth);
    stages[depth] = [...(stages[depth] ?? []), step];
  }
  const isSequence = stages.every((stage, depth) =>
    stage.every(({ after }) => after.length === (depth === 0 ? 0 : (stages[depth - 1]?.length ?? 0))),
  );
  return isSequence ? stages : null;
}

function documentOf({ schedule, delay, source, steps }: ImportedPipeline): Map<string, unknown> {
  const repository = sharedRepository(steps);
  const trigger = sharedTrigger(steps);
  const upstreams = sharedUpstreams(steps);
  const canBeSequence = steps.every(
    (step) =>
      (step.trigger === null || trigger !== null) && (step.upstreams.length === 0 || upstreams !== null),
  );
  const stages = canBeSequence ? stagesOf(steps) : null;
  const nameOf = ({ image }: ImportedStep) =>
    repository === null ? image : image.slice(repository.length + 1);
  const entries: [string, unknown][] = [];
  if (repository !== null) entries.push(["image", repository]);
  if (schedule !== null) entries.push(["schedule", schedule]);
  if (source !== undefined) entries.push(["source", source]);
  if (upstreams !== null) entries.push(["upstream", oneOrAll(upstreams)]);
  if (trigger !== null) entries.push(["trigger", trigger]);
  if (delay !== null) entries.push(["delay", delay]);
  if (stages !== null) {
    entries.push([
      "sequence",
      stages.map((stage) => (stage.length === 1 ? stage.map(nameOf)[0] : stage.map(nameOf))),
    ]);
  } else {
    entries.push([
      "steps",
      new Map(steps.map((step) => [step.name, stepDocument(step, nameOf(step), trigger, upstreams)])),
    ]);
  }
  return new Map(entries);
}

function stepDocument(
  step: ImportedStep,
  image: string,
  shared: ImportedStep["trigger"],
  sharedUpstream: readonly string[] | null,
): Map<string, unknown> {
  const entries: [string, unknown][] = [["image", image]];
  if (step.after.length > 0) entries.push(["after", oneOrAll(step.after)]);
  if (step.upstreams.length > 0 && sharedUpstream === null) {
    entries.push(["upstream", oneOrAll(step.upstreams)]);
  }
  if (step.trigger !== null && shared === null) entries.push(["trigger", step.trigger]);
  return new Map(entries);
}

/** Writes short maps and lists on one line, and notes above their steps. */
function format(map: YAMLMap, pipeline: ImportedPipeline, notes: readonly Note[]): void {
  for (const key of ["schedule", "source"]) flow(map.get(key));
  const trigger = map.get("trigger");
  if (JSON.stringify(trigger ?? null).length <= 160) flow(trigger);
  // Unquoted, a leading `*` would be an alias.
  const cron = map.getIn(["schedule", "cron"], true);
  if (isScalar(cron)) cron.type = "QUOTE_DOUBLE";
  const sequence = map.get("sequence");
  if (isSeq(sequence)) formatSequence(sequence, pipeline, notes);
  const steps = map.get("steps");
  if (!isMap(steps)) return;
  for (const { key, value } of steps.items) {
    if (isScalar(key)) key.commentBefore = comment(notes.filter(({ step }) => step === key.value));
    const isLong = isMap(value) && value.has("trigger") && JSON.stringify(value).length > 160;
    if (isLong) formatLong(value);
    else flow(value);
  }
}

/** A short chain is on one line, unless there are notes between its steps. */
function formatSequence(sequence: YAMLSeq, { steps }: ImportedPipeline, notes: readonly Note[]): void {
  const stages = stagesOf(steps) ?? [];
  for (const [index, item] of sequence.items.entries()) {
    const names = (stages[index] ?? []).map(({ name }) => name);
    const own = notes.filter(({ step }) => step !== null && names.includes(step));
    if (isSeq(item)) item.flow = true;
    if (isSeq(item) || isScalar(item)) item.commentBefore = comment(own);
  }
  const isChain = sequence.items.every((item) => isScalar(item) && item.commentBefore == null);
  sequence.flow = isChain && JSON.stringify(sequence).length <= 90;
}

/** The lists stay on one line. */
function formatLong(value: YAMLMap): void {
  for (const key of ["after", "upstream"]) flow(value.get(key));
}

function flow(value: unknown): void {
  if (isMap(value) || isSeq(value)) value.flow = true;
}
