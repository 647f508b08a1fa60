// Imports config.py of dockerhub-trigger-propagate, Tagrelay's predecessor: one repository, its tags in order, and a
// schedule.
import { defaultSecretName } from "../../../shared/config/compile.ts";
import { parseImage } from "../../../shared/image/image.ts";
import { translateSchedule } from "./apscheduler.ts";
import { ImportError, type Imported, type ImportedStep, note, pipelineName, quote } from "./imported.ts";
import { type PythonValue, readPython } from "./python-values.ts";

const knownNames = new Set([
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
      ? { schedule: null, problems: ["config.py has no triggerScheduling, so the pipeline has no schedule"] }
      : translateSchedule(scheduling);
  notes.push(...problems);
  const delay = delayOf(values.get("propagationDelay"), notes);
  notes.push(...notesOnOthers(values));
  const name = pipelineName(textOf(values, "repoName"));
  const steps = stepsOf(repository, tags, secret);
  return {
    pipelines: [{ name, schedule, delay, steps }],
    notes: notes.map((text) => note(text, name)),
  };
}

function textOf(values: ReadonlyMap<string, PythonValue>, name: string): string {
  const value = values.get(name);
  if (value?.kind === "text" && value.text !== "") return value.text;
  const found = value === undefined ? "none" : "something other than text";
  throw new ImportError(
    `expected ${name} = '…' in config.py, found ${found}; write the name as a plain string`,
  );
}

function tagsOf(values: ReadonlyMap<string, PythonValue>): string[] {
  const value = values.get("tagSequence");
  const items = value?.kind === "list" ? value.items : [];
  const tags = items.flatMap((item) => (item.kind === "text" ? [item.text] : []));
  if (tags.length > 0 && tags.length === items.length) return tags;
  const found = value === undefined ? "none" : "something other than a list of strings";
  throw new ImportError(
    `expected tagSequence = ['…', '…'] in config.py, found ${found}; write the tags as plain strings`,
  );
}

function stepsOf(repository: string, tags: readonly string[], secret: string): ImportedStep[] {
  const steps: ImportedStep[] = [];
  for (const tag of tags) {
    const image = `${repository}:${tag}`;
    const parsed = parseImage(image, null);
    if (parsed.kind === "problem") throw new ImportError(`config.py: ${parsed.problem}`);
    if (steps.some((step) => step.image === image)) {
      throw new ImportError(`expected each tag once in tagSequence, found ${quote(tag)} twice; remove one`);
    }
    const last = steps.at(-1);
    const trigger = { dockerhub: { secret } };
    steps.push({ name: tag, image, after: last === undefined ? [] : [last.name], upstreams: [], trigger });
  }
  return steps;
}

/** Keeps the name of the environment variable. A token in the file itself is not copied. */
function secretOf(token: PythonValue | undefined, repository: string, notes: string[]): string {
  if (token?.kind === "environment" && /^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(token.name)) {
    notes.push(
      `set ${token.name} in the environment to the trigger token (or Docker Hub's trigger URL), as before`,
    );
    return token.name;
  }
  const name = defaultSecretName({ repository, tag: "" });
  notes.push(
    token === undefined
      ? `config.py has no triggerToken; set ${name} in the environment to Docker Hub's trigger URL`
      : `the triggerToken of config.py was not copied; set ${name} in the environment to it (or to Docker Hub's trigger URL)`,
  );
  return name;
}

function delayOf(delay: PythonValue | undefined, notes: string[]): string | null {
  if (delay === undefined) return null;
  if (delay.kind === "number" && delay.number >= 0 && delay.number < 1e9)
    return `${Math.ceil(delay.number)}s`;
  notes.push("propagationDelay was not imported: it is not a number of seconds; add a delay such as 100s");
  return null;
}

function notesOnOthers(values: ReadonlyMap<string, PythonValue>): string[] {
  const notes: string[] = [];
  if (values.has("propagationRoute")) {
    notes.push(
      "propagationRoute was not imported; set the webhook URL on Docker Hub to https://<your host>/hooks/dockerhub/<TAGRELAY_WEBHOOK_SECRET>",
    );
  }
  if (values.has("propagationPort") || values.has("propagationPort_dev")) {
    notes.push("the ports were not imported; set Tagrelay's port with npm start -- --port PORT");
  }
  const others = [...values.keys()].filter((name) => !knownNames.has(name) && !name.startsWith("__"));
  if (others.length > 0) {
    const names = others.slice(0, 10).map((name) => name.slice(0, 40));
    notes.push(`Tagrelay has no equivalent of ${names.join(", ")}`);
  }
  return notes;
}
