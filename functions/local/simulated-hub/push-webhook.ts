// Sends the webhook of a simulated push, in Docker Hub's format.
import type { Send } from "../../../shared/outgoing/send.ts";

/** False if it was not accepted. */
export async function sendPushWebhook(
  send: Send,
  url: string,
  image: string,
  pushedAt: number,
): Promise<boolean> {
  const answer = await send({
    method: "POST",
    url,
    headers: {
      "content-type": "application/json",
      "user-agent": "python-requests/2.32.3",
    },
    body: JSON.stringify(pushWebhookOf(image, pushedAt)),
    timeoutMs: 15_000,
  });
  return answer.kind === "answered" && answer.status === 200;
}

function pushWebhookOf(image: string, pushedAt: number) {
  const [repository = "", tag = ""] = image.split(":");
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
