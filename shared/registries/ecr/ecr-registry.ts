// Recognizes private registries of Amazon ECR by their hosts, which name the account and the region.

export type EcrRegistry = { account: string; region: string };

/** `111122223333.dkr.ecr.eu-west-1.amazonaws.com`, or its dual-stack name `111122223333.dkr-ecr.eu-west-1.on.aws`; FIPS too. */
const hostPattern = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z]{2,}(?:-[a-z]+)+-\d+)\.(?:[a-z0-9-]+\.)*[a-z]+$/;
const domains =
  /\.(?:amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|on\.aws|on\.amazonwebservices\.com\.cn)$/;

/** Null for any other registry, such as the public one of ECR. */
export function ecrRegistryOf(host: string): EcrRegistry | null {
  const [, account, region] = hostPattern.exec(host) ?? [];
  return account === undefined || region === undefined || !domains.test(host) ? null : { account, region };
}

/** All names of the registry, the usual one first. */
export function ecrHostsOf({ account, region }: EcrRegistry): string[] {
  const [domain, dualStack] = domainsIn(region);
  return ["", "-fips"].flatMap((fips) => [
    `${account}.dkr.ecr${fips}.${region}.${domain}`,
    `${account}.dkr-ecr${fips}.${region}.${dualStack}`,
  ]);
}

function domainsIn(region: string): [domain: string, dualStack: string] {
  if (region.startsWith("cn-")) return ["amazonaws.com.cn", "on.amazonwebservices.com.cn"];
  return [region.startsWith("eusc-") ? "amazonaws.eu" : "amazonaws.com", "on.aws"];
}
