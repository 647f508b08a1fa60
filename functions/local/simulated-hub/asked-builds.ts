// Which images a request to the simulated builders asks for, by what the pipelines would send.
import { type Image, imageName } from "../../../shared/core/image.ts";
import type { Pipeline, Step } from "../../../shared/core/pipeline.ts";
import { atStandIn, realOrigins } from "../../../shared/outgoing/origins.ts";
import { requestOf as githubRequestOf } from "../../../shared/triggers/github/dispatch.ts";
import { requestOf as gitlabRequestOf } from "../../../shared/triggers/gitlab/start-pipeline.ts";
import { requestOf as httpRequestOf } from "../../../shared/triggers/http/send-request.ts";
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

/** A stand-in takes any secret, and is not given a real one unasked. */
export const standInSecret = "stand-in";

/** Of which run and which attempt it is, a request may say: whichever it is, the build is the same. */
const anything = "0anything0";

export function askedBuilds(pipelines: readonly Pipeline[], request: AskedRequest): AskedBuild[] {
  return pipelines.flatMap(({ name, steps }) =>
    steps.flatMap((step) => {
      const build = {
        image: step.image,
        pipeline: name,
        step: step.name,
        runId: anything,
        attempt: 0,
        timeoutMs: step.timeoutMs,
      };
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
  if ("gitlab" in trigger) {
    const { address, body } = gitlabRequestOf(trigger.gitlab, values, standInSecret);
    return { method: "POST", path: pathOf(address), body, status: 201 };
  }
  if (!("http" in trigger)) return null;
  const { method, secrets, ok } = trigger.http;
  const known = new Map([...values, ...secrets.map((name) => [`secret:${name}`, standInSecret] as const)]);
  const { address, body } = httpRequestOf(trigger.http, known);
  if (address === null) return null;
  return { method, path: pathOf(address), body: body ?? "", status: ok?.[0] ?? 202 };
}

function pathOf(address: URL): string {
  return atStandIn(address, { ...realOrigins, others: "http://127.0.0.1" }).replace("http://127.0.0.1", "");
}

function isAskedFor(expected: AskedRequest, { method, path, body }: AskedRequest): boolean {
  return method === expected.method && isLike(expected.path, path) && isLike(expected.body, body);
}

function isLike(expected: string, text: string): boolean {
  const parts = expected.split(anything).map((part) => part.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`).test(text);
}
