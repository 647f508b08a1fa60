// What runs in place of a command while builds are simulated: it only takes time.
import { imageName } from "../../../shared/image/image.ts";
import type { BuildRequest, Command } from "../../../shared/kinds/builder.ts";
import { simulatedBuildMs } from "../external-services.ts";

export function simulateCommand({ image, step }: BuildRequest): Command {
  const name = image === null ? step : imageName(image);
  const seconds = String(simulatedBuildMs(name) / 1_000);
  return { run: ["sleep", seconds], directory: null, environment: {}, secrets: [] };
}
