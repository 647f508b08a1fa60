// The variables by which AWS's SDKs, and shared/aws/endpoint-of.ts, choose the endpoints of AWS.
import type { TagrelayProps } from "./tagrelay-props.ts";

export function endpointVariables({
  fipsEndpoints,
  dualStackEndpoints,
}: Pick<TagrelayProps, "fipsEndpoints" | "dualStackEndpoints">): Record<string, string> {
  return {
    ...(fipsEndpoints ? { AWS_USE_FIPS_ENDPOINT: "true" } : {}),
    ...(dualStackEndpoints ? { AWS_USE_DUALSTACK_ENDPOINT: "true" } : {}),
  };
}
