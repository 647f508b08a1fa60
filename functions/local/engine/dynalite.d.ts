// dynalite has no types of its own. Of its insides, these are used.
declare module "dynalite/db/index.js" {
  export type Store = { lifecycleManager: { gracefulClose: () => Promise<void> } };
  export function create(options: {
    path?: string;
    createTableMs: number;
    deleteTableMs: number;
    updateTableMs: number;
  }): Store;
}

declare module "dynalite/validations/index.js" {
  import type { Store } from "dynalite/db/index.js";

  export function checkTypes(input: object, types: object): object;
  export function checkValidations(input: object, types: object, custom: unknown, store: Store): void;
}

declare module "dynalite" {
  import type { Server } from "node:http";

  type Options = {
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  };
  export default function dynalite(options?: Options): Server;
}
