// Looks up the present digest of a tag in Docker Hub's registry, which does not count as a pull.
import type { DigestAnswer, LookUpDigest } from "../../kinds/registry.ts";
import { type Origins, withOrigin } from "../../outgoing/origins.ts";
import type { Answer, Send } from "../../outgoing/send.ts";
import { parseJsonFields } from "../../validation/parse-json.ts";

/** An answer is kept this long, because several pipelines may be built from the same image. */
const keepMs = 60_000;
const timeoutMs = 10_000;

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

export function createLookUpDigest(send: Send, origins: Origins, clock: () => number): LookUpDigest {
  const recent = new Map<string, { untilMs: number; answer: Promise<DigestAnswer> }>();
  return (image) => {
    const known = recent.get(image);
    if (known !== undefined && known.untilMs > clock()) return known.answer;
    const answer = requestDigest(image, send, origins);
    recent.set(image, { untilMs: clock() + keepMs, answer });
    return answer;
  };
}

async function requestDigest(image: string, send: Send, origins: Origins): Promise<DigestAnswer> {
  const colon = image.lastIndexOf(":");
  const repository = image.slice(0, colon).split("/").map(encodeURIComponent).join("/");
  const tag = encodeURIComponent(image.slice(colon + 1));
  const urlOf = (address: string) => withOrigin(address, origins) ?? address;

  const scope = encodeURIComponent(`repository:${repository}:pull`);
  const tokenAnswer = await send({
    method: "GET",
    url: urlOf(`https://auth.docker.io/token?service=registry.docker.io&scope=${scope}`),
    headers: { accept: "application/json" },
    timeoutMs,
  });
  if (tokenAnswer.kind !== "answered" || tokenAnswer.status !== 200) {
    return unknown("Docker Hub's token service", tokenAnswer);
  }
  const token = readToken(tokenAnswer.text);
  if (token === null) return { kind: "unknown", reason: "Docker Hub's token service returned no token" };

  const answer = await send({
    method: "HEAD",
    url: urlOf(`https://registry-1.docker.io/v2/${repository}/manifests/${tag}`),
    headers: { accept: manifestTypes.join(", "), authorization: `Bearer ${token}` },
    timeoutMs,
  });
  if (answer.kind === "answered" && [401, 403, 404].includes(answer.status)) return { kind: "missing" };
  if (answer.kind !== "answered" || answer.status !== 200) return unknown("Docker Hub's registry", answer);
  const digest = answer.header("docker-content-digest") ?? "";
  return /^sha256:[0-9a-f]{64}$/.test(digest)
    ? { kind: "found", digest }
    : { kind: "unknown", reason: "Docker Hub's registry returned no digest" };
}

function unknown(who: string, answer: Answer): DigestAnswer {
  const reason = answer.kind === "answered" ? `${who} answered ${answer.status}` : `${who}: ${answer.reason}`;
  return { kind: "unknown", reason };
}

/** Null if there is none that fits into a header. */
function readToken(text: string): string | null {
  const { token, access_token } = parseJsonFields(text);
  const found = token ?? access_token;
  return typeof found === "string" && /^[\x21-\x7e]{1,16384}$/.test(found) ? found : null;
}
