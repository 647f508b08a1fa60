// The settings of `trigger: { http: … }`: a request with placeholders, and which answers accept it.
import * as z from "zod";
import { isOnThisMachine } from "../../outgoing/origins.ts";
import { didYouMean } from "../../validation/did-you-mean.ts";
import { expected } from "../../validation/expectation.ts";
import { secretName } from "../../validation/forms.ts";
import { parseJson } from "../../validation/parse-json.ts";
import { secretsIn } from "../placeholders.ts";
import { placeholderProblem, template } from "../template.ts";

/** Headers that the connection itself sets. */
const reservedHeaders =
  /^(?:host|connection|content-length|transfer-encoding|keep-alive|upgrade|expect|te|trailer|proxy-.*)$/i;

const url = template("a URL", "with secrets").refine(isUrl, {
  error:
    'expected an https URL such as https://ci.example.org/build?tag={tag}, without a user name, password or fragment, and without placeholders in the host; put secrets into "headers", or as {secret:NAME} into the path or query',
});
const headerName = z
  .string()
  .refine((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !reservedHeaders.test(name), {
    error: ({ input }) => expected("the name of a header that a trigger may set", input),
  });
const status = z.int().min(200).max(499);

const document = z.strictObject({
  url,
  method: z
    .enum(["POST", "PUT", "PATCH", "GET"])
    .optional()
    .describe("The method of the request. Default: POST."),
  headers: z
    .record(headerName, template("text", "with secrets"))
    .optional()
    .describe("The headers of the request."),
  body: z
    .union([z.string(), z.record(z.string(), z.json()), z.array(z.json())], {
      error: ({ input }) => expected("text, a map or a list", input),
    })
    .optional()
    .describe("The body of the request, with placeholders. A map or a list is sent as JSON. Default: none."),
  secrets: z
    .array(secretName)
    .optional()
    .describe("The secrets that {secret:NAME} may name. Default: all that the request names."),
  ok: z
    .union([status, z.array(status).min(1)], {
      error: "expected a status from 200 to 499, or a list of such statuses",
    })
    .optional()
    .describe("The statuses that mean the build was accepted. Default: 200 to 299."),
});

export type HttpSettings = {
  url: string;
  method: "POST" | "PUT" | "PATCH" | "GET";
  /** The names are in lower case. */
  headers: Record<string, string>;
  body: string | null;
  /** How values are escaped in the body. */
  bodyForm: "json" | "form" | "text";
  secrets: string[];
  /** Null for 200 to 299. */
  ok: number[] | null;
};
type Document = z.infer<typeof document>;

export const httpSettings = document.transform((found, { issues }): HttpSettings => {
  const { url, method = "POST", ok } = found;
  const report = (path: string[], message: string) =>
    issues.push({ code: "custom", path, message, input: found });
  const headers = Object.fromEntries(
    Object.entries(found.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  if (Object.keys(headers).length < Object.keys(found.headers ?? {}).length) {
    report(["headers"], "expected each header once, found one twice (upper and lower case are the same)");
  }
  if (method === "GET" && found.body !== undefined) report(["body"], "expected no body with GET, found one");
  const { body, bodyForm } = readBody(found, headers, (message) => report(["body"], message));
  if (bodyForm === "json") headers["content-type"] ??= "application/json";
  const problem = body === null ? null : placeholderProblem(body, "with secrets");
  if (problem !== null) report(["body"], problem);
  const secrets = readSecrets(found, [url, ...Object.values(headers), body ?? ""], (message) =>
    report(["secrets"], message),
  );
  return { url, method, headers, body, bodyForm, secrets, ok: ok === undefined ? null : [ok].flat() };
});

function readBody(
  { body }: Document,
  headers: Record<string, string>,
  report: (message: string) => void,
): Pick<HttpSettings, "body" | "bodyForm"> {
  const type = headers["content-type"] ?? null;
  const hasJsonType = type !== null && /^[^;]*\bjson\b/i.test(type);
  if (body === undefined) return { body: null, bodyForm: "text" };
  if (typeof body !== "string") {
    if (type !== null && !hasJsonType) report("expected text for this content-type, found a map or a list");
    return { body: JSON.stringify(body), bodyForm: "json" };
  }
  if (hasJsonType && !isJson(body)) {
    report(
      "expected JSON with placeholders only inside its strings, found something else; the body can also be a map",
    );
  }
  if (hasJsonType || (type === null && isJson(body))) return { body, bodyForm: "json" };
  return {
    body,
    bodyForm: type !== null && /^application\/x-www-form-urlencoded\b/i.test(type) ? "form" : "text",
  };
}

function readSecrets({ secrets }: Document, texts: string[], report: (message: string) => void): string[] {
  const used = secretsIn(texts);
  if (secrets === undefined) return used;
  for (const name of used) {
    if (!secrets.includes(name))
      report(
        `expected every secret that the request names, found no ${name}: add it, or leave out secrets${didYouMean(name, secrets)}`,
      );
  }
  return secrets;
}

function isUrl(text: string): boolean {
  if (!/^https?:\/\/[^\s/?#\\@{}]+(?:[/?][^\s#\\]*)?$/i.test(text)) return false;
  const address = URL.parse(text);
  return address !== null && (address.protocol === "https:" || isOnThisMachine(address));
}

function isJson(text: string): boolean {
  const value = parseJson(text);
  return typeof value === "object" && value !== null;
}
