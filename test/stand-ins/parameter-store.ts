// A stand-in for SSM Parameter Store: an HTTP server with the part of the protocol that the program uses.
import { createServer } from "node:http";
import { serve } from "./serve.ts";

export type ParameterStore = {
  endpoint: string;
  parameters: Map<string, string>;
  /** The requested names, by request. */
  asked: string[][];
  /** The bodies of write requests. */
  written: Record<string, unknown>[];
  close: () => Promise<void>;
};

export async function startParameterStore(): Promise<ParameterStore> {
  const parameters = new Map<string, string>();
  const asked: string[][] = [];
  const written: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    response.setHeader("content-type", "application/x-amz-json-1.1");
    if (request.headers["x-amz-target"] === "AmazonSSM.PutParameter") {
      written.push(body);
      parameters.set(body.Name, body.Value);
      response.end(JSON.stringify({ Version: 1, Tier: "Standard" }));
      return;
    }
    asked.push(body.Names);
    if (new Set(body.Names).size !== body.Names.length) {
      response.writeHead(400).end(JSON.stringify({ __type: "ValidationException" }));
      return;
    }
    const found = body.Names.filter((name: string) => parameters.has(name));
    response.end(
      JSON.stringify({
        Parameters: found.map((Name: string) => ({
          Name,
          Type: "SecureString",
          Value: parameters.get(Name),
        })),
        InvalidParameters: body.Names.filter((name: string) => !parameters.has(name)),
      }),
    );
  });
  const { origin: endpoint, close } = await serve(server);
  return { endpoint, parameters, asked, written, close };
}

export const awsEnvironment = {
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
};
