// What messages call a registry and its token service.
import { dockerHub } from "../../image/image.ts";

export function registryName(registry: string): string {
  return registry === dockerHub ? "Docker Hub's registry" : registry;
}

export function tokenServiceName(registry: string): string {
  return registry === dockerHub ? "Docker Hub's token service" : `the token service of ${registry}`;
}
