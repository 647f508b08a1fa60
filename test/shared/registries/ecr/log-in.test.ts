import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createCallAws } from "../../../../shared/aws/call-aws.ts";
import { allowHosts, realOrigins } from "../../../../shared/outgoing/origins.ts";
import { createSend } from "../../../../shared/outgoing/send.ts";
import { createLogInToEcr } from "../../../../shared/registries/ecr/log-in.ts";
import { createLookUps } from "../../../../shared/registries/look-up.ts";
import { createReadLogin } from "../../../../shared/registries/read-login.ts";
import { type AnyServer, answering, startAnyServer } from "../../../stand-ins/any-server.ts";
import { readSignature } from "../../../stand-ins/aws-signature.ts";
import { awsEnvironment } from "../../../stand-ins/parameter-store.ts";

const host = "111122223333.dkr.ecr.eu-central-1.amazonaws.com";
const image = { repository: `${host}/acme/api`, tag: "1" };
const digest = `sha256:${"a".repeat(64)}`;
const hour = 3_600_000;
const basicOf = (password: string) => `Basic ${Buffer.from(`AWS:${password}`).toString("base64")}`;

let ecr: AnyServer;
let registry: AnyServer;
let password: string;
let now: number;
beforeAll(async () => {
  ecr = await startAnyServer();
  registry = await startAnyServer();
});
beforeEach(() => {
  now = Date.UTC(2026, 10, 26);
  password = "first";
  ecr.asked.length = 0;
  registry.asked.length = 0;
  ecr.answer = (response) => {
    const authorizationToken = Buffer.from(`AWS:${password}`).toString("base64");
    const data = {
      authorizationToken,
      expiresAt: (now + 12 * hour) / 1000,
      proxyEndpoint: `https://${host}`,
    };
    answering(200, JSON.stringify({ authorizationData: [data] }))(response);
  };
  // Like ECR: 401 without a login, and 403 with one that has expired.
  registry.answer = (response) => {
    const given = registry.asked.at(-1)?.headers.authorization;
    if (given === undefined) {
      answering(401, "", {
        "www-authenticate": `Basic realm="https://${host}/",service="ecr.amazonaws.com"`,
      })(response);
    } else if (given === basicOf(password)) answering(200, "", { "docker-content-digest": digest })(response);
    else answering(403)(response);
  };
});
afterAll(async () => {
  await ecr.close();
  await registry.close();
});

function open(logins: { registry: string; username: string; secret: string }[] = []) {
  const callAws = createCallAws({ ...awsEnvironment, AWS_ENDPOINT_URL_ECR: ecr.origin });
  const origins = { ...realOrigins, registries: new Map([[host, registry.origin]]) };
  const clock = () => now;
  const readLogin = createReadLogin(logins, async () => "from-secret", createLogInToEcr(callAws, clock));
  return createLookUps({ send: createSend(allowHosts(origins)), origins, clock, readLogin }).lookUpTag;
}

test("an image in ECR is looked up with a token that the credentials in the environment are exchanged for", async () => {
  expect(await open()(image)).toEqual({ kind: "found", digest });
  const [asked] = ecr.asked;
  expect(asked).toMatchObject({
    method: "POST",
    headers: { "x-amz-target": "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken" },
    body: "{}",
  });
  if (asked === undefined) throw new Error("expected a request to ECR");
  const { service, region, signature, expected } = readSignature(asked, awsEnvironment.AWS_SECRET_ACCESS_KEY);
  // The region is that of the registry, not of the function.
  expect({ service, region, signature }).toEqual({
    service: "ecr",
    region: "eu-central-1",
    signature: expected,
  });
});

test("a token is used again until shortly before it expires", async () => {
  const lookUp = open();
  await lookUp(image);
  await lookUp({ ...image, repository: `${host}/acme/web` });
  now += 11 * hour;
  await lookUp(image);
  expect(ecr.asked).toHaveLength(1);
  now += 55 * 60_000;
  password = "second";
  expect(await lookUp(image)).toEqual({ kind: "found", digest });
  expect(ecr.asked).toHaveLength(2);
});

test("a login in the configuration is used instead", async () => {
  password = "from-secret";
  const lookUp = open([{ registry: host, username: "AWS", secret: "ECR_TOKEN" }]);
  expect(await lookUp(image)).toEqual({ kind: "found", digest });
  expect(ecr.asked).toEqual([]);
});

test.each([
  [
    answering(400, '{"__type":"AccessDeniedException","message":"arn:aws:sts::1:secret"}'),
    "ECR gave no token (AccessDeniedException)",
  ],
  [answering(200, "{}"), "ECR's answer contains no token (not shown)"],
])("without a token, the answer is unknown, and says why", async (answer, reason) => {
  ecr.answer = answer;
  expect(await open()(image)).toEqual({ kind: "unknown", reason, retryAfterMs: null, requestSent: false });
});
