// Compares the endpoints with those of the rules that AWS's SDKs share.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import * as z from "zod";
import { endpointOf } from "../../shared/aws/endpoint-of.ts";
import { root } from "../stand-ins/program.ts";
import { tools } from "./dynamodb-local.ts";

const services = ["ssm", "sns", "ecr", "codebuild", "events"] as const;
/** At least one of each partition. */
const regions = [
  ...["us-east-1", "eu-west-1", "ca-central-1", "ap-southeast-2", "us-gov-west-1", "us-gov-east-1"],
  ...["cn-north-1", "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1", "us-isof-south-1", "eu-isoe-west-1"],
];
const rules = z.array(
  z.object({
    service: z.enum(services),
    region: z.string(),
    fips: z.boolean(),
    dualStack: z.boolean(),
    url: z.string(),
  }),
);

test("endpoints, with FIPS and dual stack or without, are those of AWS's SDKs", async () => {
  const { stdout } = await promisify(execFile)(join(tools, "python/bin/python"), [
    join(root, "test/aws/endpoints.py"),
    services.join(","),
    regions.join(","),
  ]);
  const expected = rules.parse(JSON.parse(stdout));
  expect(expected).toHaveLength(services.length * regions.length * 4);
  const own = expected.map(({ service, region, fips, dualStack }) => ({
    service,
    region,
    fips,
    dualStack,
    url: endpointOf(service, region, {
      AWS_USE_FIPS_ENDPOINT: String(fips),
      AWS_USE_DUALSTACK_ENDPOINT: String(dualStack),
    }).origin,
  }));
  expect(own).toEqual(expected);
}, 60_000);
