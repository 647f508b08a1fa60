// Where a service of AWS is asked: in its region, or where the environment says, as AWS's own SDK has it.

export type Service = "ssm" | "sns";

/** How the names of hosts end in what is not AWS's common part, by how its regions begin. */
const suffixes = [
  ["cn-", "amazonaws.com.cn"],
  ["eusc-", "amazonaws.eu"],
  ["us-iso-", "c2s.ic.gov"],
  ["us-isob-", "sc2s.sgov.gov"],
  ["us-isof-", "csp.hci.ic.gov"],
  ["eu-isoe-", "cloud.adc-e.uk"],
] as const;

export function endpointOf(service: Service, region: string, env: NodeJS.ProcessEnv): URL {
  const told = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env.AWS_ENDPOINT_URL;
  if (told && env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS !== "true") return new URL(told);
  const [, suffix] = suffixes.find(([beginning]) => region.startsWith(beginning)) ?? ["", "amazonaws.com"];
  return new URL(`https://${service}.${region}.${suffix}`);
}
