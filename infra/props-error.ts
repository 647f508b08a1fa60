// The error of a construct's props. It names the construct by its path: an app may have several.
import type { IConstruct } from "constructs";

export class PropsError extends Error {
  override readonly name = "PropsError";

  constructor(construct: IConstruct, message: string) {
    super(`${construct.node.path}: ${message}`);
  }
}
