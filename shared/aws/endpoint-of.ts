// Finds the endpoint of an AWS service: that of the region, or one from the environment variables of AWS's SDKs.

export type Service = "ssm" | "sns" | "ecr" | "codebuild" | "events";

type Partition = { suffix: string; dualStack: string | null };

const standard: Partition = { suffix: "amazonaws.com", dualStack: "api.aws" };

/** The partitions with other domains, by the beginning of their regions' names. */
const partitions: readonly (readonly [beginning: string, partition: Partition])[] = [
  ["cn-", { suffix: "amazonaws.com.cn", dualStack: "api.amazonwebservices.com.cn" }],
  ["eusc-", { suffix: "amazonaws.eu", dualStack: "api.amazonwebservices.eu" }],
  ["us-iso-", { suffix: "c2s.ic.gov", dualStack: null }],
  ["us-isob-", { suffix: "sc2s.sgov.gov", dualStack: null }],
  ["us-isof-", { suffix: "csp.hci.ic.gov", dualStack: null }],
  ["eu-isoe-", { suffix: "cloud.adc-e.uk", dualStack: null }],
];

/** In GovCloud, the usual endpoints of these are validated for FIPS and there are no others. */
const alwaysFips: readonly Service[] = ["ssm", "sns", "events"];

export function endpointOf(service: Service, region: string, env: NodeJS.ProcessEnv): URL {
  const configured = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env.AWS_ENDPOINT_URL;
  if (configured && env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS !== "true") return new URL(configured);
  const [, partition] = partitions.find(([beginning]) => region.startsWith(beginning)) ?? ["", standard];
  const isFips = isTrue(env.AWS_USE_FIPS_ENDPOINT);
  if (isTrue(env.AWS_USE_DUALSTACK_ENDPOINT) && partition.dualStack !== null) {
    return new URL(`https://${service}${isFips ? "-fips" : ""}.${region}.${partition.dualStack}`);
  }
  return new URL(`https://${hostOf(service, region, isFips)}.${region}.${partition.suffix}`);
}

function hostOf(service: Service, region: string, isFips: boolean): string {
  if (isFips && !(region.startsWith("us-gov-") && alwaysFips.includes(service))) return `${service}-fips`;
  return service === "ecr" ? "api.ecr" : service;
}

function isTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === "true";
}
