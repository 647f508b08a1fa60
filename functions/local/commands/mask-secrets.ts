// Replaces secrets in a stream of bytes with `***`, even if they are split between chunks.

export type Mask = {
  /** Returns what can be shown so far. */
  push: (chunk: Buffer) => Buffer;
  /** Returns the rest. */
  flush: () => Buffer;
};

const stars = "***";

export function createMask(secrets: readonly string[]): Mask {
  const hidden = [...new Set(secrets.flatMap(formsOf))].sort((one, other) => other.length - one.length);
  if (hidden.length === 0) return { push: (chunk) => chunk, flush: () => Buffer.alloc(0) };
  const pattern = new RegExp(hidden.map(asPattern).join("|"), "g");
  let held = "";
  return {
    push: (chunk) => {
      const text = held + chunk.toString("latin1");
      const open = openSecretIndex(text, hidden);
      let shown = "";
      let at = 0;
      for (const { index, 0: secret } of text.matchAll(pattern)) {
        if (index >= open) break;
        shown += text.slice(at, index) + stars;
        at = index + secret.length;
      }
      const until = Math.max(at, open);
      held = text.slice(until);
      return Buffer.from(shown + text.slice(at, until), "latin1");
    },
    flush: () => {
      const rest = Buffer.from(held.replace(pattern, stars), "latin1");
      held = "";
      return rest;
    },
  };
}

/**
 * What to mask for a secret, as latin1 text (one character for each byte): the secret itself and, if it has several lines, each line
 * of at least 8 characters.
 */
function formsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  const forms = [secret, ...(lines.length > 1 ? lines.filter((line) => line.length >= 8) : [])];
  return forms.filter((form) => form !== "").map((form) => Buffer.from(form).toString("latin1"));
}

function asPattern(text: string): string {
  return text.replace(/[$()*+./?[\\\]^{|}-]/g, "\\$&");
}

/** The index from which the text may be the start of a secret that continues in the next chunk. */
function openSecretIndex(text: string, hidden: readonly string[]): number {
  const longest = hidden[0]?.length ?? 0;
  for (let at = Math.max(0, text.length - longest + 1); at < text.length; at += 1) {
    const rest = text.slice(at);
    if (hidden.some((secret) => secret.length > rest.length && secret.startsWith(rest))) return at;
  }
  return text.length;
}
