// Webhooks about a push to a repository that no pipeline has as its source, for `tagrelay doctor`: they change nothing.
import { createHmac } from "node:crypto";
import type { SourceHost } from "../../shared/kinds/source.ts";
import type { Config } from "../../shared/pipeline/pipeline.ts";

export type SourceWebhook = { name: string; path: string; init: RequestInit };

const ref = { ref: "refs/heads/none", before: "1", after: "1", commits: [] };
const repository = "tagrelay/doctor";

/** One for each host that has the source of a pipeline. */
export function sourceWebhooksOf({ pipelines }: Config, secret: string): SourceWebhook[] {
  const hosts = new Set(pipelines.flatMap(({ source }) => source?.host ?? []));
  return [...hosts].map((host) => webhookOf[host](secret));
}

const webhookOf: Record<SourceHost, (secret: string) => SourceWebhook> = {
  github: (secret) => {
    const body = JSON.stringify({ ...ref, repository: { full_name: repository } });
    const headers = { "x-github-event": "push", "x-hub-signature-256": sign(body, secret) };
    return webhook("GitHub", "/hooks/github", body, headers);
  },
  gitlab: (secret) => {
    const body = JSON.stringify({ ...ref, project: { path_with_namespace: repository } });
    const headers = { "x-gitlab-event": "Push Hook", "x-gitlab-token": secret };
    return webhook("GitLab", "/hooks/gitlab", body, headers);
  },
  bitbucket: (secret) => {
    const changes = [{ new: { type: "branch", name: "none", target: { hash: "1" } } }];
    const body = JSON.stringify({ repository: { full_name: repository }, push: { changes } });
    const headers = { "x-event-key": "repo:push", "x-hub-signature": sign(body, secret) };
    return webhook("Bitbucket", "/hooks/bitbucket", body, headers);
  },
};

function webhook(name: string, path: string, body: string, proof: Record<string, string>): SourceWebhook {
  const headers = { "content-type": "application/json", ...proof };
  return { name, path, init: { method: "POST", headers, body } };
}

function sign(body: string, secret: string): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}
