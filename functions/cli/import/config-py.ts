// Imports config.py of the program that Tagrelay succeeds: one repository, its tags in order, and when they are built.
import { defaultSecretName } from "../../../shared/core/compile.ts";
import { parseImage } from "../../../shared/core/image.ts";
import { translateSchedule } from "./apscheduler.ts";
import {
  ImportError,
  type Imported,
  type ImportedStep,
  type Note,
  note,
  pipelineName,
  quote,
} from "./imported.ts";
import { type PythonValue, readPython } from "./python-values.ts";

const known = new Set([
  ...["userName", "repoName", "triggerToken", "tagSequence", "triggerScheduling"],
  ...["propagationRoute", "propagationPort", "propagationPort_dev", "propagationDelay"],
]);

export function importConfigPy(source: string): Imported {
  const values = readPython(source.replace(/^\uFEFF/, ""));
  const repository = `${textOf(values, "userName")}/${textOf(values, "repoName")}`;
  const tags = tagsOf(values);
  const notes: string[] = [];
  const secret = secretOf(values.get("triggerToken"), repository, notes);
  const scheduling = values.get("triggerScheduling");
  const { schedule, problems } =
    scheduling === undefined
      ? { schedule: null, problems: ["config.py has no triggerScheduling, so there is no schedule"] }
      : translateSchedule(scheduling);
  notes.push(...problems);
  const delay = delayOf(values.get("propagationDelay"), notes);
  notes.push(...whatElse(values));
  const name = pipelineName(textOf(values, "repoName"));
  const steps = stepsOf(repository, tags, secret);
  return {
    pipelines: [{ name, schedule, delay, steps }],
    notes: notes.map((text): Note => note(text, name)),
  };
}

function textOf(values: ReadonlyMap<string, PythonValue>, name: string): string {
  const value = values.get(name);
  if (value?.kind === "text" && value.text !== "") return value.text;
  const found = value === undefined ? "none" : "something else than a text";
  throw new ImportError(
    `expected ${name} = '…' in config.py, found ${found}; write the name there as plain text`,
  );
}

function tagsOf(values: ReadonlyMap<string, PythonValue>): string[] {
  const value = values.get("tagSequence");
  const items = value?.kind === "list" ? value.items : [];
  const tags = items.flatMap((item) => (item.kind === "text" ? [item.text] : []));
  if (tags.length > 0 && tags.length === items.length) return tags;
  const found = value === undefined ? "none" : "something else than a list of texts";
  throw new ImportError(
    `expected tagSequence = ['…', '…'] in config.py, found ${found}; write the tags there as plain text`,
  );
}

function stepsOf(repository: string, tags: readonly string[], secret: string): ImportedStep[] {
  const steps: ImportedStep[] = [];
  for (const tag of tags) {
    const image = `${repository}:${tag}`;
    const parsed = parseImage(image, null);
    if (parsed.kind === "problem") throw new ImportError(`config.py: ${parsed.problem}`);
    if (steps.some((step) => step.image === image)) {
      throw new ImportError(
        `expected each tag once in tagSequence, found ${quote(tag)} twice; take one away`,
      );
    }
    const last = steps.at(-1);
    const trigger = { dockerhub: { secret } };
    steps.push({ name: tag, image, after: last === undefined ? [] : [last.name], upstreams: [], trigger });
  }
  return steps;
}

/** The name that the environment had for the token is kept; a token in the file is not repeated. */
function secretOf(token: PythonValue | undefined, repository: string, notes: string[]): string {
  if (token?.kind === "environment" && /^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(token.name)) {
    notes.push(
      `put the trigger token (or Docker Hub's trigger URL) into the environment as ${token.name}, as before`,
    );
    return token.name;
  }
  const name = defaultSecretName({ repository, tag: "" });
  notes.push(
    token === undefined
      ? `config.py has no triggerToken; put Docker Hub's trigger URL into the environment as ${name}`
      : `the triggerToken of config.py is not repeated here; put it (or Docker Hub's trigger URL) into the environment as ${name}`,
  );
  return name;
}

function delayOf(delay: PythonValue | undefined, notes: string[]): string | null {
  if (delay === undefined) return null;
  if (delay.kind === "number" && delay.number >= 0 && delay.number < 1e9)
    return `${Math.ceil(delay.number)}s`;
  notes.push("propagationDelay is not carried over: it is no number of seconds; add a delay such as 100s");
  return null;
}

function whatElse(values: ReadonlyMap<string, PythonValue>): string[] {
  const lines: string[] = [];
  if (values.has("propagationRoute")) {
    lines.push(
      "propagationRoute is not carried over: give Docker Hub the webhook URL https://<your host>/hooks/dockerhub/<TAGRELAY_WEBHOOK_SECRET>",
    );
  }
  if (values.has("propagationPort") || values.has("propagationPort_dev")) {
    lines.push("the ports are not carried over: npm start -- --port PORT sets Tagrelay's");
  }
  const others = [...values.keys()].filter((name) => !known.has(name) && !name.startsWith("__"));
  if (others.length > 0) {
    lines.push(
      `Tagrelay has nothing for ${others
        .slice(0, 10)
        .map((name) => name.slice(0, 40))
        .join(", ")}`,
    );
  }
  return lines;
}
