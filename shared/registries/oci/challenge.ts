// Reads the WWW-Authenticate header in which a registry says how to log in.

export type Challenge =
  | { kind: "basic" }
  /** A token is to be fetched from the realm. */
  | { kind: "bearer"; realm: URL; parameters: Readonly<Record<string, string>> };

/** Null if there is no challenge that this program can meet. */
export function readChallenge(header: string | null): Challenge | null {
  const [, scheme = "", rest = ""] = /^\s*([A-Za-z]+)\s*(.*)$/s.exec(header ?? "") ?? [];
  if (scheme.toLowerCase() === "basic") return { kind: "basic" };
  if (scheme.toLowerCase() !== "bearer") return null;
  const parameters: Record<string, string> = {};
  for (const [, name = "", quoted, plain] of rest.matchAll(/([a-z_]+)\s*=\s*(?:"([^"]*)"|([^\s",]+))/gi)) {
    parameters[name.toLowerCase()] = quoted ?? plain ?? "";
  }
  const { realm: address = "", ...others } = parameters;
  const realm = URL.parse(address);
  return realm === null ? null : { kind: "bearer", realm, parameters: others };
}
