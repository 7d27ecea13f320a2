import { isOfArchitecture } from "../nn/architectures.ts";
import type { NetworkConfig } from "../nn/networkBlocks.ts";
import type { HyperparameterName, RunConfig } from "./hyperparameters.ts";

/** The hyperparameters that determine the shapes of the weights. */
export const NETWORK_SETTINGS = [
  "architecture",
  "dim",
  "dimMults",
  "attnHeads",
  "attnDimHead",
  "selfCondition",
  "width",
  "depth",
  "classes",
] as const satisfies HyperparameterName[];

/** The settings that a network was trained with, but with the page's settings of sampling. */
export function withSampling(trained: RunConfig, page: RunConfig): RunConfig {
  const { ddimEta, interpolationNoise } = page;
  return { ...trained, ddimEta, interpolationNoise };
}

/** Whether the weights of one network fit the other. */
export function isSameNetwork(a: NetworkConfig, b: NetworkConfig): boolean {
  const [ofA, ofB]: [Values, Values] = [{ ...a }, { ...b }];
  return NETWORK_SETTINGS.every(
    (name) => !isOfArchitecture(name, a.architecture) || String(ofA[name]) === String(ofB[name]),
  );
}

/**
 * How many classes a network lacks for a run with these settings to begin with its weights: 0 where it is the same network, and
 * null where it cannot, since more than classes is missing.
 */
export function lackingClasses(config: NetworkConfig, network: NetworkConfig): number | null {
  const lacking = config.classes - network.classes;
  const grown = { ...network, classes: config.classes };
  return lacking >= 0 && isSameNetwork(config, grown) ? lacking : null;
}

/** With another network; what its architecture has no use for stays. */
export function withNetwork(config: RunConfig, network: NetworkConfig): RunConfig {
  const values: Values = { ...network };
  const names = NETWORK_SETTINGS.filter((name) => values[name] !== undefined);
  return { ...config, ...Object.fromEntries(names.map((name) => [name, values[name]])) };
}

type Values = Partial<Record<string, unknown>>;
