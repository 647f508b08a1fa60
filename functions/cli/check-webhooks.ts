// Checks for `tagrelay doctor`: whether the webhook of each registry came within the last runs.
import { pipelinesAnswer } from "../../shared/http/api/answers.ts";
import { dockerHub, splitRepository } from "../../shared/image/image.ts";
import { ownSecretNames } from "../../shared/settings.ts";
import { type Finding, notOk, ok } from "./finding.ts";

/** Nothing is found while the API cannot be read, which another check reports. */
export async function checkWebhooks(
  outputs: ReadonlyMap<string, string>,
  secrets: ReadonlyMap<string, string | null>,
): Promise<Finding[]> {
  const headers = { authorization: `Bearer ${secrets.get(ownSecretNames.apiToken)}` };
  const init = { headers, signal: AbortSignal.timeout(15_000), redirect: "manual" } as const;
  const body: unknown = await fetch(`${outputs.get("ApiUrl")}/pipelines`, init)
    .then((response) => (response.ok ? response.json() : null))
    .catch(() => null);
  const { data } = pipelinesAnswer.safeParse(body);
  const steps = (data?.pipelines ?? []).flatMap(({ run }) => run?.steps ?? []);
  const done = steps.flatMap(({ image, ...step }) =>
    step.state === "done" && image !== undefined ? { ...step, image } : [],
  );
  const byRegistry = Map.groupBy(done, ({ image }) => splitRepository(image).host);
  return [...byRegistry].flatMap(([registry, ofRegistry]) => {
    const lost = ofRegistry.filter(({ reportedBy }) => reportedBy === "lookUp").map(({ image }) => image);
    const name = registry === dockerHub ? "Docker Hub" : registry;
    if (lost.length > 0) {
      return notOk(
        `in the last run, no webhook came for ${lost.join(", ")}; check the webhook at ${name} (docs/registries.md). Until then, pushes are found by looking them up, which takes up to 15 minutes`,
      );
    }
    const came = ofRegistry.some(({ reportedBy }) => reportedBy === "webhook");
    return came ? ok(`webhooks of ${name} came in the last run`) : [];
  });
}
