// Sends the webhook of a simulated push: in Docker Hub's format, or as the open-source registry does for any other registry.
import { createHash, randomUUID } from "node:crypto";
import { dockerHub, splitImageName, splitRepository } from "../../../shared/image/image.ts";
import type { Send } from "../../../shared/outgoing/send.ts";

/** The address of this program's hook. */
export type WebhookUrl = (kind: "dockerhub" | "distribution") => string;

/** False if it was not accepted. */
export async function sendPushWebhook(
  send: Send,
  webhookUrl: WebhookUrl,
  image: string,
  pushedAt: number,
): Promise<boolean> {
  const { repository, tag } = splitImageName(image);
  const { host, path } = splitRepository(repository);
  const isOnHub = host === dockerHub;
  const answer = await send({
    method: "POST",
    url: webhookUrl(isOnHub ? "dockerhub" : "distribution"),
    headers: {
      "content-type": isOnHub ? "application/json" : "application/vnd.docker.distribution.events.v1+json",
      "user-agent": isOnHub ? "python-requests/2.32.3" : "Go-http-client/1.1",
    },
    body: JSON.stringify(
      isOnHub ? dockerHubWebhook(repository, tag, pushedAt) : distributionWebhook(host, path, tag, pushedAt),
    ),
    timeoutMs: 15_000,
  });
  return answer.kind === "answered" && answer.status === 200;
}

/** What the tag points to after the push. */
export function simulatedDigest(image: string, pushedAt: number | null): string {
  const hash = createHash("sha256").update(`${image} ${pushedAt ?? ""}`);
  return `sha256:${hash.digest("hex")}`;
}

function dockerHubWebhook(repository: string, tag: string, pushedAt: number) {
  const [namespace = "", name = ""] = repository.split("/");
  return {
    push_data: { pushed_at: Math.floor(pushedAt / 1000), pusher: namespace, tag, images: [] },
    repository: {
      name,
      namespace,
      owner: namespace,
      repo_name: repository,
      repo_url: `https://hub.docker.com/r/${repository}`,
      is_private: false,
      is_official: false,
      status: "Active",
    },
  };
}

function distributionWebhook(host: string, repository: string, tag: string, pushedAt: number) {
  const digest = simulatedDigest(`${host}/${repository}:${tag}`, pushedAt);
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const url = `https://${host}/v2/${repository}/manifests/${digest}`;
  const event = {
    id: randomUUID(),
    timestamp: new Date(pushedAt).toISOString(),
    action: "push",
    target: { mediaType, digest, repository, url, tag },
    request: { host, method: "PUT" },
  };
  return { events: [event] };
}
