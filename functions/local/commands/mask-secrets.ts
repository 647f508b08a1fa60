// Takes secrets out of a stream of bytes, wherever the stream is cut into chunks.

export type Mask = {
  /** What can be shown by now. */
  take: (chunk: Buffer) => Buffer;
  /** What was held back. */
  end: () => Buffer;
};

const stars = "***";

export function createMask(secrets: readonly string[]): Mask {
  const hidden = [...new Set(secrets.flatMap(formsOf))].sort((one, other) => other.length - one.length);
  if (hidden.length === 0) return { take: (chunk) => chunk, end: () => Buffer.alloc(0) };
  const pattern = new RegExp(hidden.map(asPattern).join("|"), "g");
  let held = "";
  return {
    take: (chunk) => {
      const text = held + chunk.toString("latin1");
      const open = openFrom(text, hidden);
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
    end: () => {
      const rest = Buffer.from(held.replace(pattern, stars), "latin1");
      held = "";
      return rest;
    },
  };
}

/** Bytes as characters of the same number. A secret of several lines is also looked for line by line. */
function formsOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  const forms = [secret, ...(lines.length > 1 ? lines.filter((line) => line.length >= 8) : [])];
  return forms.filter((form) => form !== "").map((form) => Buffer.from(form).toString("latin1"));
}

function asPattern(text: string): string {
  return text.replace(/[$()*+./?[\\\]^{|}-]/g, "\\$&");
}

/** From where on the text may be the beginning of a secret whose rest is still to come. */
function openFrom(text: string, hidden: readonly string[]): number {
  const longest = hidden[0]?.length ?? 0;
  for (let at = Math.max(0, text.length - longest + 1); at < text.length; at += 1) {
    const rest = text.slice(at);
    if (hidden.some((secret) => secret.length > rest.length && secret.startsWith(rest))) return at;
  }
  return text.length;
}
