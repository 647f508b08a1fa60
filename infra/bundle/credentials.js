// The credentials of a function on Lambda, which are in its environment and nowhere else.
import { fromEnv } from "@aws-sdk/credential-provider-env";

export const defaultProvider = () => fromEnv();
