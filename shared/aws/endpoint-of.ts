// Finds the endpoint of an AWS service: that of the region, or one from the environment variables of AWS's SDKs.

export type Service = "ssm" | "sns" | "ecr" | "codebuild" | "events";

type Partition = { suffix: string; dualStack: string };

const standard: Partition = { suffix: "amazonaws.com", dualStack: "api.aws" };

/** The partitions with other domains, by the beginning of their regions' names. */
const partitions: readonly (readonly [beginning: string, partition: Partition])[] = [
  ["cn-", { suffix: "amazonaws.com.cn", dualStack: "api.amazonwebservices.com.cn" }],
  ["eusc-", { suffix: "amazonaws.eu", dualStack: "api.amazonwebservices.eu" }],
  ["us-iso-", { suffix: "c2s.ic.gov", dualStack: "api.aws.ic.gov" }],
  ["us-isob-", { suffix: "sc2s.sgov.gov", dualStack: "api.aws.scloud" }],
  ["us-isof-", { suffix: "csp.hci.ic.gov", dualStack: "api.aws.hci.ic.gov" }],
  ["eu-isoe-", { suffix: "cloud.adc-e.uk", dualStack: "api.cloud-aws.adc-e.uk" }],
];

/** In GovCloud, the usual endpoints of these are validated for FIPS and there are no others. */
const alwaysFips: readonly Service[] = ["ssm", "sns", "events"];

export function endpointOf(service: Service, region: string, env: NodeJS.ProcessEnv): URL {
  const configured = env[`AWS_ENDPOINT_URL_${idOf(service)}`] || env.AWS_ENDPOINT_URL;
  if (configured && env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS !== "true") return new URL(configured);
  const [, partition] = partitions.find(([beginning]) => region.startsWith(beginning)) ?? ["", standard];
  const isFips = isTrue(env.AWS_USE_FIPS_ENDPOINT);
  if (isTrue(env.AWS_USE_DUALSTACK_ENDPOINT)) {
    // EventBridge has one endpoint for both in GovCloud, and the others have two.
    const isOnlyOne = service === "events" && region.startsWith("us-gov-");
    const fips = isFips && !isOnlyOne ? "-fips" : "";
    return new URL(`https://${service}${fips}.${region}.${partition.dualStack}`);
  }
  return new URL(`https://${hostOf(service, region, isFips)}.${region}.${partition.suffix}`);
}

/** The name of the service in the variables of the SDKs. */
function idOf(service: Service): string {
  return service === "events" ? "EVENTBRIDGE" : service.toUpperCase();
}

function hostOf(service: Service, region: string, isFips: boolean): string {
  const host = service === "ecr" ? "api.ecr" : service;
  return isFips && !(region.startsWith("us-gov-") && alwaysFips.includes(service)) ? `${host}-fips` : host;
}

function isTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === "true";
}
