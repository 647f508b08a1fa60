// Reads credentials from the environment, in place of the AWS SDK's chain of providers: Lambda sets them there.
import { fromEnv } from "@aws-sdk/credential-provider-env";

export const defaultProvider = () => fromEnv();
