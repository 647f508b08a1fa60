// Says what to do about an error of an AWS client. The SDK's messages never contain a secret's value.

export function explainAwsError(error: unknown): string {
  const { name, message } = error instanceof Error ? error : { name: "Error", message: "unknown error" };
  if (message === "Region is missing")
    return "expected an AWS region, found none; name it, for example: AWS_REGION=eu-west-1";
  if (name === "CredentialsProviderError")
    return `expected AWS credentials, found none; sign in, or set AWS_PROFILE (${message})`;
  return `${name}: ${message}`;
}
