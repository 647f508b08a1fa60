// Which images a request to the simulated builders asks for, by what the pipelines would send.
import { type Image, imageName } from "../../../shared/core/image.ts";
import type { Pipeline, Step } from "../../../shared/core/pipeline.ts";
import { requestOf as githubRequestOf } from "../../../shared/triggers/github/dispatch.ts";
import { type Values, valuesOf } from "../../../shared/triggers/placeholders.ts";

export type AskedRequest = { method: string; path: string; body: string };
/** The image whose build is asked for, and the status that the builder answers with. */
export type AskedBuild = { image: string; status: number };

/** The images that the steps of a repository expect of a trigger's body. */
export function imagesOfTrigger(
  pipelines: readonly Pipeline[],
  repository: string,
  body: Record<string, unknown>,
): string[] {
  if (typeof body.docker_tag === "string") return [`${repository}:${body.docker_tag}`];
  const isMeant = ({ image, trigger }: { image: Image; trigger: Step["trigger"] }) => {
    if (image.repository !== repository || !("dockerhub" in trigger)) return false;
    const { branch, tag, all } = trigger.dockerhub;
    if (body.build === true) return all === true;
    return body.source_type === "Branch" ? branch === body.source_name : tag === body.source_name;
  };
  return pipelines.flatMap(({ steps }) => steps.filter(isMeant)).map(({ image }) => imageName(image));
}

/** Of which run and which attempt it is, a request may say: whichever it is, the build is the same. */
const anything = "0anything0";

export function askedBuilds(pipelines: readonly Pipeline[], request: AskedRequest): AskedBuild[] {
  return pipelines.flatMap(({ name, steps }) =>
    steps.flatMap((step) => {
      const build = { image: step.image, pipeline: name, step: step.name, runId: anything, attempt: 0 };
      const expected = expectedRequest(step.trigger, new Map(valuesOf(build)).set("attempt", anything));
      if (expected === null || !isAskedFor(expected, request)) return [];
      return [{ image: imageName(step.image), status: expected.status }];
    }),
  );
}

type ExpectedRequest = AskedRequest & { status: number };

function expectedRequest(trigger: Step["trigger"], values: Values): ExpectedRequest | null {
  if ("github" in trigger) {
    const { path, body } = githubRequestOf(trigger.github, values);
    return { method: "POST", path, body: JSON.stringify(body), status: 204 };
  }
  return null;
}

function isAskedFor(expected: AskedRequest, { method, path, body }: AskedRequest): boolean {
  return method === expected.method && isLike(expected.path, path) && isLike(expected.body, body);
}

function isLike(expected: string, text: string): boolean {
  const parts = expected.split(anything).map((part) => part.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`).test(text);
}
