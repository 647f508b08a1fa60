import { describe, expect, test } from "vitest";
import { endpointOf } from "../../../shared/aws/endpoint-of.ts";

describe("a service is asked at", () => {
  test.each([
    ["ssm", "eu-west-1", "https://ssm.eu-west-1.amazonaws.com/"],
    ["sns", "us-gov-west-1", "https://sns.us-gov-west-1.amazonaws.com/"],
    ["ssm", "cn-north-1", "https://ssm.cn-north-1.amazonaws.com.cn/"],
    ["sns", "eusc-de-east-1", "https://sns.eusc-de-east-1.amazonaws.eu/"],
    ["ssm", "us-isob-east-1", "https://ssm.us-isob-east-1.sc2s.sgov.gov/"],
  ] as const)("%s in %s: %s", (service, region, endpoint) => {
    expect(endpointOf(service, region, {}).href).toBe(endpoint);
  });

  const own = "https://ssm.example.org/";
  const all = "https://all.example.org/";
  test.each([
    ["its own endpoint rather than that of all", { AWS_ENDPOINT_URL_SSM: own, AWS_ENDPOINT_URL: all }, own],
    ["that of all where another has its own", { AWS_ENDPOINT_URL_SNS: own, AWS_ENDPOINT_URL: all }, all],
    [
      "its region's where the variable is empty",
      { AWS_ENDPOINT_URL: "" },
      "https://ssm.eu-west-1.amazonaws.com/",
    ],
    [
      "its region's where the variables are to be ignored",
      { AWS_ENDPOINT_URL: all, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
      "https://ssm.eu-west-1.amazonaws.com/",
    ],
  ])("%s", (_claim, env, endpoint) => {
    expect(endpointOf("ssm", "eu-west-1", env).href).toBe(endpoint);
  });
});
