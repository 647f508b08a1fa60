// Asks Docker Hub's registry what an image's tag stands for at present: its digest. That does not count as a pull.
import { type Origins, withOrigin } from "../outgoing/origins.ts";
import type { Answer, Send } from "../outgoing/send.ts";

export type DigestAnswer =
  | { kind: "found"; digest: string }
  /** There is no such image, or it is not for everyone: the registry does not tell which. */
  | { kind: "missing" }
  | { kind: "unknown"; reason: string };

/** Of an image's whole name, such as `library/debian:bookworm`. */
export type LookUpDigest = (image: string) => Promise<DigestAnswer>;

/** Several pipelines may be built from the same image. */
const sameForMs = 60_000;
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
    const answer = ask(image, send, origins);
    recent.set(image, { untilMs: clock() + sameForMs, answer });
    return answer;
  };
}

async function ask(image: string, send: Send, origins: Origins): Promise<DigestAnswer> {
  const colon = image.lastIndexOf(":");
  const repository = image.slice(0, colon).split("/").map(encodeURIComponent).join("/");
  const tag = encodeURIComponent(image.slice(colon + 1));
  const at = (address: string) => withOrigin(address, origins) ?? address;

  const scope = encodeURIComponent(`repository:${repository}:pull`);
  const given = await send({
    method: "GET",
    url: at(`https://auth.docker.io/token?service=registry.docker.io&scope=${scope}`),
    headers: { accept: "application/json" },
    timeoutMs,
  });
  if (given.kind !== "answered" || given.status !== 200) return unknown("Docker Hub's token service", given);
  const token = readToken(given.text);
  if (token === null) return { kind: "unknown", reason: "Docker Hub's token service gave no token" };

  const answer = await send({
    method: "HEAD",
    url: at(`https://registry-1.docker.io/v2/${repository}/manifests/${tag}`),
    headers: { accept: manifestTypes.join(", "), authorization: `Bearer ${token}` },
    timeoutMs,
  });
  if (answer.kind === "answered" && [401, 403, 404].includes(answer.status)) return { kind: "missing" };
  if (answer.kind !== "answered" || answer.status !== 200) return unknown("Docker Hub's registry", answer);
  const digest = answer.header("docker-content-digest") ?? "";
  return /^sha256:[0-9a-f]{64}$/.test(digest)
    ? { kind: "found", digest }
    : { kind: "unknown", reason: "Docker Hub's registry did not tell the digest" };
}

function unknown(who: string, answer: Answer): DigestAnswer {
  const reason = answer.kind === "answered" ? `${who} answered ${answer.status}` : `${who}: ${answer.reason}`;
  return { kind: "unknown", reason };
}

/** Only what a header can carry. */
function readToken(text: string): string | null {
  try {
    const { token, access_token }: { token?: unknown; access_token?: unknown } = JSON.parse(text);
    const found = token ?? access_token;
    return typeof found === "string" && /^[\x21-\x7e]{1,16384}$/.test(found) ? found : null;
  } catch {
    return null;
  }
}
