// The two parts of undici that send.ts uses; the whole package would add 150 KB to a bundle. build.ts resolves the
// imports. The build fails if undici moves the files, and test/infra/bundle-sends.test.ts if it changes what they do.
import AgentOfUndici from "undici-agent";
import requestThrough from "undici-request";

/** Like undici's own `request`, which splits the URL and takes the dispatcher from the options. */
export function request(url, { dispatcher, ...options }) {
  const { origin, pathname, search } = new URL(url);
  return requestThrough.call(dispatcher, { ...options, origin, path: `${pathname}${search}` });
}

export const Agent = AgentOfUndici;
