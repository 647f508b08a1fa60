// The secrets that authenticate webhooks, and what the sender of a webhook may report.
import { type Image, splitRepository } from "../../image/image.ts";

/** Both the current and the previous secret are accepted, so that they can be rotated. */
export type ReadWebhookSecrets = (which: "current" | "previous") => Promise<readonly string[]>;

/** A registry with a secret of its own: only who knows it may report pushes of images at this registry, and no others. */
export type RegistrySecret = { registry: string; read: () => Promise<string | null> };

export type WebhookSecrets = {
  readSecrets: ReadWebhookSecrets;
  registrySecrets: readonly RegistrySecret[];
};

/** Who sent an authentic webhook. */
export type Sender = {
  mayReport: (image: Image) => boolean;
  /** Whether it knows the webhook secret, which every report but those of images needs. */
  isTrusted: boolean;
};

type Matches = (secrets: readonly string[]) => boolean;

/** Null if no secret matches. */
export async function findSender(
  { readSecrets, registrySecrets }: WebhookSecrets,
  matches: Matches,
): Promise<Sender | null> {
  const isAt = (registries: readonly string[]) => (image: Image) =>
    registries.includes(splitRepository(image.repository).host);
  if (await isAuthentic(readSecrets, matches)) {
    const hasOwnSecret = isAt(registrySecrets.map(({ registry }) => registry));
    return { mayReport: (image) => !hasOwnSecret(image), isTrusted: true };
  }
  const values = await Promise.all(
    registrySecrets.map(async ({ registry, read }) => ({ registry, secret: await read() })),
  );
  const matching = values.filter(({ secret }) => secret !== null && matches([secret]));
  if (matching.length === 0) return null;
  return { mayReport: isAt(matching.map(({ registry }) => registry)), isTrusted: false };
}

/** Reads the previous secrets only if the current ones do not match. */
export async function isAuthentic(readSecrets: ReadWebhookSecrets, matches: Matches): Promise<boolean> {
  return matches(await readSecrets("current")) || matches(await readSecrets("previous"));
}
