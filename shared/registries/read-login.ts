// Reads the logins for registries.
import type { ReadSecret } from "../kinds/read-secret.ts";
import type { LogInToEcr } from "./ecr/log-in.ts";
import type { Login } from "./oci/authorize.ts";

/** What the configuration says of the login: the secret holds the password or the access token. */
export type RegistryLogin = { registry: string; username: string; secret: string };

/** Null for a registry without a login. Throws if the secret is missing. ECR needs none where there are AWS credentials. */
export function createReadLogin(
  logins: readonly RegistryLogin[],
  readSecret: ReadSecret,
  logInToEcr: LogInToEcr | null,
) {
  return async (registry: string): Promise<Login | null> => {
    const login = logins.find((one) => one.registry === registry);
    if (login === undefined) return (await logInToEcr?.(registry)) ?? null;
    const password = await readSecret(login.secret);
    if (password === null) throw new Error(`expected the secret ${login.secret}, found none`);
    return { username: login.username, password };
  };
}
