// Checks for `tagrelay doctor`: whether the program answers, and lets in who has its secrets and nobody else.
import { nameOf } from "../../shared/log.ts";
import type { Config } from "../../shared/pipeline/pipeline.ts";
import { ownSecretNames } from "../../shared/settings.ts";
import { type Finding, notOk, ok } from "./finding.ts";
import { sourceWebhooksOf } from "./source-webhooks.ts";

export async function checkHttp(
  outputs: ReadonlyMap<string, string>,
  secrets: ReadonlyMap<string, string | null>,
  config: Config,
): Promise<Finding[]> {
  const api = outputs.get("ApiUrl");
  if (api === undefined) {
    return [
      notOk(
        "the stack has no output ApiUrl; deploy again with: npx cdk deploy, or give its address by --url",
      ),
    ];
  }
  const origin = api.replace(/\/api$/, "");
  const hook = (secret: string) => `${origin}/hooks/dockerhub/${encodeURIComponent(secret)}`;
  const webhookSecret = secrets.get(ownSecretNames.webhookSecret);
  const token = secrets.get(ownSecretNames.apiToken);
  const bearer = { headers: { authorization: `Bearer ${token}` } };
  return Promise.all([
    check("the program answers", 200, `${origin}/healthz`),
    check("the webhook rejects a wrong secret", 404, hook("wrong"), webhook),
    check("the API rejects a request without a token", 401, `${api}/pipelines`),
    ...(webhookSecret
      ? [
          check("the webhook accepts the right secret", 200, hook(webhookSecret), webhook),
          ...sourceWebhooksOf(config, webhookSecret).map(({ name, path, init }) =>
            check(
              `the webhook for pushes to ${name} accepts the right secret`,
              200,
              `${origin}${path}`,
              init,
            ),
          ),
        ]
      : []),
    ...(token ? [check("the API accepts the right token", 200, `${api}/pipelines`, bearer)] : []),
  ]);
}

/** Reports an image that no pipeline builds, so it changes nothing. */
const webhook: RequestInit = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ repository: { repo_name: "tagrelay/doctor" }, push_data: { tag: "none" } }),
};

async function check(what: string, status: number, url: string, init: RequestInit = {}): Promise<Finding> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(15_000), redirect: "manual" });
    await response.body?.cancel();
    if (response.status === status) return ok(what);
    return notOk(`expected that ${what} (${status}), found ${response.status}; see its log`);
  } catch (error) {
    const name = nameOf(error);
    return notOk(`expected that ${what} (${status}), found no answer (${name})`);
  }
}
