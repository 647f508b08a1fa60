// Reads /api/openapi.json with a validator that knows nothing of zod, makes valid and invalid requests from it, and checks
// answers against it.
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import fc from "fast-check";
import * as z from "zod";

const schema = z.looseObject({
  $ref: z.string().optional(),
  type: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});
const answer = z.object({
  headers: z.record(z.string(), z.unknown()).default({}),
  content: z.record(z.string(), z.object({ schema })),
});
const operation = z.object({
  operationId: z.string(),
  security: z.array(z.unknown()).optional(),
  parameters: z.array(z.object({ name: z.string(), in: z.enum(["path", "query"]), schema })),
  requestBody: z
    .object({
      required: z.boolean().default(false),
      content: z.object({ "application/json": z.object({ schema }) }),
    })
    .optional(),
  responses: z.record(z.string(), z.union([answer, z.object({ $ref: z.string() })])),
});
const document = z.looseObject({
  paths: z.record(z.string(), z.record(z.enum(["get", "post"]).or(z.string()), operation)),
  components: z.looseObject({
    responses: z.record(z.string(), answer),
    schemas: z.record(z.string(), schema),
  }),
});
type Schema = z.infer<typeof schema>;

export type Operation = {
  id: string;
  method: string;
  path: string;
  isPublic: boolean;
  /** The statuses that it may answer with. */
  statuses: number[];
  /** Valid and invalid requests. */
  requests: fc.Arbitrary<MadeRequest>;
  /** How an answer contradicts the description; null if it does not. */
  check: (response: Response) => Promise<string | null>;
};

export type MadeRequest = {
  path: Record<string, string>;
  query: Record<string, string>;
  body: string | null;
  isValid: boolean;
};

export function readDescription(text: unknown): Operation[] {
  const { paths, components } = document.parse(text);
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  // Answers may contain nothing that is not described. The document itself leaves that open for later versions.
  ajv.addSchema({ $id: "api:", components: { schemas: closed(components.schemas) } });
  const compile = (given: Schema) =>
    ajv.compile(given.$ref === undefined ? given : { $ref: given.$ref.replace("#", "api:#") });
  const resolve = (given: Schema): Schema =>
    given.$ref === undefined ? given : (components.schemas[given.$ref.split("/").at(-1) ?? ""] ?? given);

  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]): Operation => {
      const answers = new Map(
        Object.entries(described.responses).map(([status, given]) => [
          Number(status),
          "$ref" in given ? components.responses[given.$ref.split("/").at(-1) ?? ""] : given,
        ]),
      );
      const body = described.requestBody?.content["application/json"].schema;
      return {
        id: described.operationId,
        method: method.toUpperCase(),
        path,
        isPublic: described.security?.length === 0,
        statuses: [...answers.keys()],
        requests: requestsOf(
          described.parameters,
          body === undefined
            ? null
            : {
                schema: resolve(body),
                isValid: compile(body),
                isRequired: described.requestBody?.required ?? false,
              },
          (given) => compile(given),
        ),
        check: async (response) => {
          const expected = answers.get(response.status);
          if (expected === undefined) return `${response.status} is not described`;
          const missing = Object.keys(expected.headers).filter((name) => !response.headers.has(name));
          if (missing.length > 0) return `${response.status} has no header ${missing.join()}`;
          const [type = ""] = (response.headers.get("content-type") ?? "").split(";");
          const content = expected.content[type];
          if (content === undefined) return `${response.status} is of type ${type}`;
          const found = type.endsWith("json") ? await response.json() : await response.text();
          const validate = compile(content.schema);
          return validate(found) ? null : `${JSON.stringify(found)}: ${ajv.errorsText(validate.errors)}`;
        },
      };
    }),
  );
}

function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]));
  return "properties" in copy && copy.type === "object" ? { additionalProperties: false, ...copy } : copy;
}

type Body = { schema: Schema; isValid: (value: unknown) => boolean; isRequired: boolean };

function requestsOf(
  parameters: z.infer<typeof operation>["parameters"],
  body: Body | null,
  compile: (schema: Schema) => (value: unknown) => boolean,
): fc.Arbitrary<MadeRequest> {
  const inPath = parameters.filter((parameter) => parameter.in === "path");
  const inQuery = parameters.filter((parameter) => parameter.in === "query");
  const queries = inQuery.map(({ name, schema: given }) => {
    const isValid = compile(given);
    return fc
      .oneof(
        valuesOf(given).map(String),
        fc.string(),
        fc.string({ minLength: 201, maxLength: 300 }),
        fc.integer().map(String),
      )
      .filter((text) => !isNumberInDisguise(given, text))
      .map((text) => ({ name, text, isValid: isValid(fromText(given, text)) }));
  });
  return fc
    .record({
      path: fc.record(Object.fromEntries(inPath.map(({ name }) => [name, fc.string({ minLength: 1 })]))),
      query: fc.tuple(...queries.map((query) => fc.option(query))),
      body: body === null ? fc.constant({ text: null, isValid: true }) : bodiesOf(body),
    })
    .map(({ path, query, body: made }) => {
      const given = query.filter((part) => part !== null);
      return {
        path,
        query: Object.fromEntries(given.map(({ name, text }) => [name, text])),
        body: made.text,
        isValid: made.isValid && given.every((part) => part.isValid),
      };
    });
}

function bodiesOf({
  schema: given,
  isValid,
  isRequired,
}: Body): fc.Arbitrary<{ text: string | null; isValid: boolean }> {
  const json = fc.oneof(valuesOf(given), fc.jsonValue(), withUnknownKey(given));
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant({ text: null, isValid: !isRequired }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("{", "nil", '{"from":}').map((text) => ({ text, isValid: false })),
    },
    { weight: 8, arbitrary: json.map((value) => ({ text: JSON.stringify(value), isValid: isValid(value) })) },
  );
}

const limits = z.looseObject({
  minimum: z.number().default(-1000),
  maximum: z.number().default(1000),
  maxLength: z.number().default(30),
});

/** Valid values, for the kinds of schemas that requests have. */
function valuesOf(given: Schema): fc.Arbitrary<unknown> {
  const { minimum, maximum, maxLength } = limits.parse(given);
  switch (given.type) {
    case "integer":
      return fc.integer({ min: minimum, max: maximum });
    case "string":
      return fc.string({ maxLength });
    case "object": {
      const properties = Object.entries(given.properties ?? {});
      const values = properties.map(([name, inner]) => [name, valuesOf(schema.parse(inner))]);
      return fc.record(Object.fromEntries(values), { requiredKeys: [] });
    }
    default:
      throw new Error(`expected a schema of type integer, string or object, found ${JSON.stringify(given)}`);
  }
}

const withUnknownKey = (given: Schema) =>
  fc.tuple(valuesOf(given), fc.string()).map(([value, key]) => ({ ...Object(value), [`x${key}`]: 1 }));

const fromText = (given: Schema, text: string) =>
  given.type === "integer" && /^-?\d+$/.test(text) ? Number(text) : text;

/** `1e1`, ` 5`, `0x10`: the API accepts them, but the description does not say so. */
const isNumberInDisguise = (given: Schema, text: string) =>
  given.type === "integer" && !/^-?\d+$/.test(text) && Number.isInteger(Number(text)) && text !== "";
