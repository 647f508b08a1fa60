// The grammar of `builders`: the Docker or BuildKit hosts that a command may build on.
import * as z from "zod";
import type { BuilderHost } from "../../kinds/builder.ts";
import { expected } from "../../validation/expectation.ts";
import { oneOf } from "../../validation/forms.ts";

const example = "ssh://build@host.example.org, tcp://host.example.org:2376 or unix:///run/docker.sock";

const address = z.string();

const host = oneOf(`the address of a Docker host such as ${example}, or { buildkit: … }`, [
  address.transform((url): BuilderHost => ({ kind: "docker", url })),
  z
    .strictObject({ docker: address.describe("The address of a Docker host, as DOCKER_HOST has it.") })
    .transform(({ docker: url }): BuilderHost => ({ kind: "docker", url })),
  z
    .strictObject({ buildkit: address.describe("The address of a BuildKit host, as BUILDKIT_HOST has it.") })
    .transform(({ buildkit: url }): BuilderHost => ({ kind: "buildkit", url })),
]).check(({ value, issues }) => {
  const problem = problemOf(value.url);
  if (problem !== null) issues.push({ code: "custom", message: problem, input: value });
});

export const builderHosts = z
  .array(host)
  .min(1)
  .max(100)
  .refine((hosts) => new Set(hosts.map(({ url }) => url)).size === hosts.length, {
    error: "expected each address once, found one twice",
  });

function problemOf(text: string): string | null {
  const url = URL.parse(text);
  // Not repeated: it would show the password.
  if (url?.password) return "expected an address without a password, which everyone could see, found one";
  const isSocket = url?.protocol === "unix:" && url.host === "" && url.pathname.length > 1;
  const isServer =
    (url?.protocol === "ssh:" || url?.protocol === "tcp:") &&
    url.hostname !== "" &&
    /^\/?$/.test(url.pathname) &&
    url.search === "" &&
    url.hash === "";
  return isSocket || isServer ? null : expected(`an address such as ${example}`, text);
}
