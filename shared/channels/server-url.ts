// The grammar of a server's address in the settings of a channel.
import { isOnThisMachine } from "../outgoing/origins.ts";
import { text } from "../validation/forms.ts";

/** A URL by https, or by http on this machine: notices and tokens do not cross a network in the clear. */
export function serverUrl(example: string) {
  return text(`a URL such as ${example}`, /^https?:\/\/[^\s/?#\\@]+(?:[/?][^\s#\\]*)?$/i).refine(isHttps, {
    error: "expected an https URL (or http on this machine), found another",
  });
}

/** True also for a text that is not a URL, which is reported already. */
function isHttps(text: string): boolean {
  const address = URL.parse(text);
  return address === null || address.protocol === "https:" || isOnThisMachine(address);
}
