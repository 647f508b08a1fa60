// What `trigger: { http: … }` may say: a request with placeholders, and which answers are good.
import * as z from "zod";
import { didYouMean } from "../../core/did-you-mean.ts";
import { expected } from "../../core/expectation.ts";
import { secretName } from "../../core/forms.ts";
import { isOnThisMachine } from "../../outgoing/origins.ts";
import { placeholdersIn } from "../placeholders.ts";
import { placeholderProblem, template } from "../template.ts";

/** What the connection itself says is not for a configuration to say. */
const ownHeaders =
  /^(?:host|connection|content-length|transfer-encoding|keep-alive|upgrade|expect|te|trailer|proxy-.*)$/i;

const url = template("a URL", "with secrets").refine(isUrl, {
  error:
    'expected a URL such as https://ci.example.org/build?tag={tag}, by https, without user and password, its host without placeholders (what is secret belongs into "headers", or as {secret:NAME} into path or query)',
});
const headerName = z.string().refine((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !ownHeaders.test(name), {
  error: ({ input }) => expected("the name of a header that may be chosen", input),
});
const status = z.int().min(200).max(499);

const document = z.strictObject({
  url,
  method: z.enum(["POST", "PUT", "PATCH", "GET"]).optional().describe("POST unless told"),
  headers: z.record(headerName, template("text", "with secrets")).optional(),
  body: z
    .union([z.string(), z.record(z.string(), z.json()), z.array(z.json())], {
      error: ({ input }) => expected("a text, a map or a list", input),
    })
    .optional()
    .describe("a map or a list is sent as JSON"),
  secrets: z.array(secretName).optional().describe("the secrets that {secret:NAME} may name"),
  ok: z
    .union([status, z.array(status).min(1)], {
      error: "expected a status from 200 to 499, or a list of them",
    })
    .optional()
    .describe("the statuses that accept; 200 to 299 unless told"),
});

export type HttpSettings = {
  url: string;
  method: "POST" | "PUT" | "PATCH" | "GET";
  /** By names in lower case. */
  headers: Record<string, string>;
  body: string | null;
  /** How values are written into the body. */
  bodyForm: "json" | "form" | "text";
  secrets: string[];
  /** Null for any from 200 to 299. */
  ok: number[] | null;
};
type Document = z.infer<typeof document>;

export const httpSettings = document.transform((found, { issues }): HttpSettings => {
  const { url, method = "POST", ok } = found;
  const add = (path: string[], message: string) =>
    issues.push({ code: "custom", path, message, input: found });
  const headers = Object.fromEntries(
    Object.entries(found.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  if (Object.keys(headers).length < Object.keys(found.headers ?? {}).length) {
    add(["headers"], "expected each header once, found one twice, in upper and lower case");
  }
  if (method === "GET" && found.body !== undefined) add(["body"], "expected no body with GET, found one");
  const { body, bodyForm } = readBody(found, headers, (message) => add(["body"], message));
  if (bodyForm === "json") headers["content-type"] ??= "application/json";
  const wrong = body === null ? null : placeholderProblem(body, "with secrets");
  if (wrong !== null) add(["body"], wrong);
  const secrets = readSecrets(found, [url, ...Object.values(headers), body ?? ""], (message) =>
    add(["secrets"], message),
  );
  return { url, method, headers, body, bodyForm, secrets, ok: ok === undefined ? null : [ok].flat() };
});

function readBody(
  { body }: Document,
  headers: Record<string, string>,
  report: (message: string) => void,
): Pick<HttpSettings, "body" | "bodyForm"> {
  const type = headers["content-type"] ?? null;
  const saysJson = type !== null && /^[^;]*\bjson\b/i.test(type);
  if (body === undefined) return { body: null, bodyForm: "text" };
  if (typeof body !== "string") {
    if (type !== null && !saysJson) report("expected a text for this content-type, found a map or a list");
    return { body: JSON.stringify(body), bodyForm: "json" };
  }
  if (saysJson && !isJson(body)) {
    report(
      "expected JSON, with placeholders inside its texts alone, found something else; a map can be given instead",
    );
  }
  if (saysJson || (type === null && isJson(body))) return { body, bodyForm: "json" };
  return {
    body,
    bodyForm: type !== null && /^application\/x-www-form-urlencoded\b/i.test(type) ? "form" : "text",
  };
}

function readSecrets({ secrets }: Document, texts: string[], report: (message: string) => void): string[] {
  const named = texts.flatMap(placeholdersIn).filter((name) => name.startsWith("secret:"));
  const used = [...new Set(named.map((name) => name.slice("secret:".length)))];
  if (secrets === undefined) return used;
  for (const name of used) {
    if (!secrets.includes(name))
      report(`expected all that {secret:…} names, found no ${name}${didYouMean(name, secrets)}`);
  }
  return secrets;
}

function isUrl(text: string): boolean {
  if (!/^https?:\/\/[^\s/?#\\@{}]+(?:[/?][^\s#\\]*)?$/i.test(text)) return false;
  const address = URL.parse(text);
  return address !== null && (address.protocol === "https:" || isOnThisMachine(address));
}

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}
