import { expect, test } from "vitest";
import { ecrHostsOf, ecrRegistryOf } from "../../../../shared/registries/ecr/ecr-registry.ts";
import { readEcrPush } from "../../../../shared/registries/ecr/push-event.ts";
import { expectAnyWebhookRead } from "../arbitrary-webhooks.ts";

const digest = `sha256:${"f98d67af8e53a536502bfc600de3266556b06ed635a32d60aa7a5fe6d7e609d7".slice(0, 64)}`;

/** As in AWS's documentation. */
const ecrPush = {
  version: "0",
  id: "13cde686-328b-6117-af20-0e5566167482",
  "detail-type": "ECR Image Action",
  source: "aws.ecr",
  account: "123456789012",
  time: "2019-11-16T01:54:34Z",
  region: "us-west-2",
  resources: [],
  detail: {
    result: "SUCCESS",
    "repository-name": "my-repository-name",
    "image-digest": digest,
    "action-type": "PUSH",
    "image-tag": "latest",
  },
};
const pushTo = (host: string) => ({
  image: { repository: `${host}/my-repository-name`, tag: "latest" },
  digest,
  pushedAt: Date.UTC(2019, 10, 16, 1, 54, 34),
});
const usual = "123456789012.dkr.ecr.us-west-2.amazonaws.com";

test("the documented event is a push to the registry of its account and region", () => {
  expect(readEcrPush(ecrPush, () => false)).toEqual({ kind: "pushes", pushes: [pushTo(usual)] });
});

test("the push is that of the name by which a pipeline knows the registry", () => {
  const dualStack = "123456789012.dkr-ecr-fips.us-west-2.on.aws";
  const isKnown = ({ image }: { image: { repository: string } }) => image.repository.startsWith(dualStack);
  expect(readEcrPush(ecrPush, isKnown)).toEqual({ kind: "pushes", pushes: [pushTo(dualStack)] });
});

test.each([
  ["a deletion", { "action-type": "DELETE" }, "no image was pushed"],
  ["a failed push", { result: "FAILURE" }, "no image was pushed"],
  ["the manifest of a platform", { "image-tag": undefined }, "what was pushed has no tag"],
  ["an empty tag", { "image-tag": "" }, "what was pushed has no tag"],
])("%s is ignored", (_what, changed, reason) => {
  const event = { ...ecrPush, detail: { ...ecrPush.detail, ...changed } };
  expect(readEcrPush(event, () => true)).toEqual({ kind: "ignored", reason });
});

test("an event of another form is invalid, and no event makes the reader throw", () => {
  expect(readEcrPush({ ...ecrPush, detail: null }, () => true)).toEqual({
    kind: "invalid",
    reason: "expected detail to be a map, as in an ECR Image Action of EventBridge",
  });
  expectAnyWebhookRead((body) => readEcrPush(body, () => false), [ecrPush]);
});

test.each([
  ["111122223333.dkr.ecr.eu-west-1.amazonaws.com", "eu-west-1"],
  ["111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"],
  ["111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"],
  ["111122223333.dkr-ecr.ap-southeast-2.on.aws", "ap-southeast-2"],
  ["111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"],
])("%s is a registry of ECR, and one of its own names", (host, region) => {
  const registry = { account: "111122223333", region };
  expect(ecrRegistryOf(host)).toEqual(registry);
  expect(ecrHostsOf(registry)).toContain(host);
});

test.each([
  "public.ecr.aws",
  "docker.io",
  "111122223333.dkr.ecr.eu-west-1.amazonaws.com.example.org",
  "111122223333.dkr.ecr.eu-west-1.example.org",
  "1112222.dkr.ecr.eu-west-1.amazonaws.com",
  "evil.111122223333.dkr.ecr.eu-west-1.amazonaws.com",
])("%s is no private registry of ECR, so it never receives a login for one", (host) => {
  expect(ecrRegistryOf(host)).toBeNull();
});
