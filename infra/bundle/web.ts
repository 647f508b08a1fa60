// Headers, Request and Response for the bundles, in place of Node's own: those are loaded at their first use, with all
// of its fetch, which takes longer than everything else that a webhook needs. build.ts puts these in their place; they
// do what the app and Hono ask of them, and refuse the rest.

type Pairs = Iterable<readonly [string, string]> | Readonly<Record<string, string>>;

export class Headers {
  readonly #values = new Map<string, string[]>();

  constructor(init: Pairs | null = null) {
    for (const [name, value] of pairsOf(init ?? [])) this.append(name, value);
  }

  append(name: string, value: string): void {
    const key = keyOf(name);
    this.#values.set(key, [...(this.#values.get(key) ?? []), cleanValue(value)]);
  }

  set(name: string, value: string): void {
    this.#values.set(keyOf(name), [cleanValue(value)]);
  }

  get(name: string): string | null {
    return this.#values.get(keyOf(name))?.join(", ") ?? null;
  }

  has(name: string): boolean {
    return this.#values.has(keyOf(name));
  }

  delete(name: string): void {
    this.#values.delete(keyOf(name));
  }

  getSetCookie(): string[] {
    return [...(this.#values.get("set-cookie") ?? [])];
  }

  forEach(tell: (value: string, name: string) => void): void {
    for (const [name, value] of this) tell(value, name);
  }

  *entries(): Generator<[string, string]> {
    for (const [name, values] of [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1))) {
      // Cookies cannot be told apart once they are joined.
      for (const value of name === "set-cookie" ? values : [values.join(", ")]) yield [name, value];
    }
  }

  *keys(): Generator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): Generator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): Generator<[string, string]> {
    return this.entries();
  }
}

function pairsOf(init: Pairs): Iterable<readonly [string, string]> {
  return Symbol.iterator in init ? init : Object.entries(init);
}

function keyOf(name: string): string {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new TypeError(`${JSON.stringify(name)} is no header's name`);
  return name.toLowerCase();
}

/** A line break would begin another header. */
function cleanValue(value: string): string {
  const trimmed = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  if (/[\0\r\n]|[^\0-\xff]/.test(trimmed)) throw new TypeError("the value of a header holds what it may not");
  return trimmed;
}

type Content = string | ArrayBuffer | Uint8Array | Stream | null;

/** What is left to read of a body, all of it at once. */
class Stream {
  #bytes: Uint8Array | null;
  isRead = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  take(): Uint8Array {
    if (this.isRead) throw new TypeError("the body has been read already");
    this.isRead = true;
    const bytes = this.#bytes ?? new Uint8Array();
    this.#bytes = null;
    return bytes;
  }

  copy(): Stream {
    if (this.isRead || this.#bytes === null) throw new TypeError("the body has been read already");
    return new Stream(this.#bytes);
  }

  async cancel(): Promise<void> {
    this.isRead = true;
    this.#bytes = null;
  }

  getReader() {
    let rest: Uint8Array | null = this.take();
    return {
      read: async () => {
        const value = rest;
        rest = null;
        return value === null || value.byteLength === 0
          ? { done: true, value: undefined }
          : { done: false, value };
      },
      cancel: async () => {
        rest = null;
      },
      releaseLock: () => undefined,
    };
  }
}

class Message {
  readonly headers: Headers;
  readonly body: Stream | null;

  constructor(content: Content, headers: Pairs | null) {
    this.headers = new Headers(headers);
    this.body = streamOf(content);
    if (isText(content) && !this.headers.has("content-type")) {
      this.headers.set("content-type", "text/plain;charset=UTF-8");
    }
  }

  get bodyUsed(): boolean {
    return this.body?.isRead ?? false;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return new Uint8Array(this.#take()).buffer;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(this.#take());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  #take(): Uint8Array {
    return this.body?.take() ?? new Uint8Array();
  }
}

/** Hono's pages are texts that are objects. */
function isText(content: Content): content is string {
  return typeof content === "string" || content instanceof String;
}

function streamOf(content: Content): Stream | null {
  if (content === null || content instanceof Stream) return content;
  if (isText(content)) return new Stream(new TextEncoder().encode(String(content)));
  if (content instanceof ArrayBuffer) return new Stream(new Uint8Array(content));
  if (content instanceof Uint8Array) return new Stream(content);
  throw new TypeError("expected a body that is a text, or bytes");
}

type RequestInit = { method?: string; headers?: Pairs | null; body?: Content };

export class Request extends Message {
  readonly url: string;
  readonly method: string;

  constructor(address: string, { method = "GET", headers = null, body = null }: RequestInit = {}) {
    super(body, headers);
    const url = new URL(address);
    if (url.username !== "" || url.password !== "") throw new TypeError("expected a URL without credentials");
    this.url = url.href;
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(method) || /^(?:connect|trace|track)$/i.test(method)) {
      throw new TypeError(`${JSON.stringify(method)} is no method that can be asked by`);
    }
    this.method = /^(?:delete|get|head|options|post|put)$/i.test(method) ? method.toUpperCase() : method;
    if (body !== null && (this.method === "GET" || this.method === "HEAD")) {
      throw new TypeError(`a request by ${this.method} has no body`);
    }
  }
}

type ResponseInit = { status?: number; statusText?: string; headers?: Pairs | null };

export class Response extends Message {
  readonly status: number;
  readonly statusText: string;

  constructor(body: Content = null, { status = 200, statusText = "", headers = null }: ResponseInit = {}) {
    super(body, headers);
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(`${status} is no status of an answer`);
    }
    if (body !== null && [204, 205, 304].includes(status)) {
      throw new TypeError(`an answer of status ${status} has no body`);
    }
    this.status = status;
    this.statusText = statusText;
  }

  get ok(): boolean {
    return this.status < 300;
  }

  clone(): Response {
    return new Response(this.body?.copy() ?? null, this);
  }
}
