import { describe, expect, test } from "vitest";
import { endpointOf } from "../../../shared/aws/endpoint-of.ts";

describe("the endpoint of a service", () => {
  test.each([
    ["ssm", "eu-west-1", "https://ssm.eu-west-1.amazonaws.com/"],
    ["sns", "us-gov-west-1", "https://sns.us-gov-west-1.amazonaws.com/"],
    ["ssm", "cn-north-1", "https://ssm.cn-north-1.amazonaws.com.cn/"],
    ["sns", "eusc-de-east-1", "https://sns.eusc-de-east-1.amazonaws.eu/"],
    ["ssm", "us-isob-east-1", "https://ssm.us-isob-east-1.sc2s.sgov.gov/"],
  ] as const)("for %s in %s is %s", (service, region, endpoint) => {
    expect(endpointOf(service, region, {}).href).toBe(endpoint);
  });

  const fips = { AWS_USE_FIPS_ENDPOINT: "true" };
  const dualStack = { AWS_USE_DUALSTACK_ENDPOINT: "true" };
  test.each([
    ["ecr", "eu-west-1", {}, "https://api.ecr.eu-west-1.amazonaws.com/"],
    ["ecr", "us-east-1", fips, "https://api.ecr-fips.us-east-1.amazonaws.com/"],
    ["codebuild", "us-gov-west-1", fips, "https://codebuild-fips.us-gov-west-1.amazonaws.com/"],
    ["ssm", "us-gov-west-1", fips, "https://ssm.us-gov-west-1.amazonaws.com/"],
    ["sns", "us-east-2", fips, "https://sns-fips.us-east-2.amazonaws.com/"],
    ["ecr", "eu-west-1", dualStack, "https://ecr.eu-west-1.api.aws/"],
    ["ssm", "us-east-1", { ...fips, ...dualStack }, "https://ssm-fips.us-east-1.api.aws/"],
    ["events", "us-gov-west-1", { ...fips, ...dualStack }, "https://events.us-gov-west-1.api.aws/"],
    ["sns", "cn-north-1", dualStack, "https://sns.cn-north-1.api.amazonwebservices.com.cn/"],
    ["sns", "us-iso-east-1", dualStack, "https://sns.us-iso-east-1.api.aws.ic.gov/"],
  ] as const)("for %s in %s with %j is %s", (service, region, env, endpoint) => {
    expect(endpointOf(service, region, env).href).toBe(endpoint);
  });

  test("of EventBridge can be set by the name that the SDKs have for it", () => {
    const env = { AWS_ENDPOINT_URL_EVENTBRIDGE: "https://events.example.org/" };
    expect(endpointOf("events", "eu-west-1", env).href).toBe("https://events.example.org/");
  });

  const ofService = "https://ssm.example.org/";
  const all = "https://all.example.org/";
  test.each([
    [
      "its own rather than the general one",
      { AWS_ENDPOINT_URL_SSM: ofService, AWS_ENDPOINT_URL: all },
      ofService,
    ],
    [
      "the general one if only another service has its own",
      { AWS_ENDPOINT_URL_SNS: ofService, AWS_ENDPOINT_URL: all },
      all,
    ],
    [
      "that of the region if the variable is empty",
      { AWS_ENDPOINT_URL: "" },
      "https://ssm.eu-west-1.amazonaws.com/",
    ],
    [
      "that of the region if the variables are to be ignored",
      { AWS_ENDPOINT_URL: all, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
      "https://ssm.eu-west-1.amazonaws.com/",
    ],
  ])("is %s", (_claim, env, endpoint) => {
    expect(endpointOf("ssm", "eu-west-1", env).href).toBe(endpoint);
  });
});
