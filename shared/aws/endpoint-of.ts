// Finds the endpoint of an AWS service: that of the region, or one from the environment variables of AWS's SDKs.

export type Service = "ssm" | "sns";

/** Domains of the partitions other than the standard one, by the beginning of their regions' names. */
const suffixes = [
  ["cn-", "amazonaws.com.cn"],
  ["eusc-", "amazonaws.eu"],
  ["us-iso-", "c2s.ic.gov"],
  ["us-isob-", "sc2s.sgov.gov"],
  ["us-isof-", "csp.hci.ic.gov"],
  ["eu-isoe-", "cloud.adc-e.uk"],
] as const;

export function endpointOf(service: Service, region: string, env: NodeJS.ProcessEnv): URL {
  const configured = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env.AWS_ENDPOINT_URL;
  if (configured && env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS !== "true") return new URL(configured);
  const [, suffix] = suffixes.find(([beginning]) => region.startsWith(beginning)) ?? ["", "amazonaws.com"];
  return new URL(`https://${service}.${region}.${suffix}`);
}
