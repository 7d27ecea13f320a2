import type { HyperparameterName, RunConfig } from "./hyperparameters.ts";

/** The hyperparameters that determine the shapes of the weights. */
export const NETWORK_SETTINGS = [
  "dim",
  "dimMults",
  "attnHeads",
  "attnDimHead",
  "selfCondition",
  "classes",
] as const satisfies HyperparameterName[];

export type NetworkSettings = Pick<RunConfig, (typeof NETWORK_SETTINGS)[number]>;

/** The settings that a network was trained with, but with the page's settings of sampling. */
export function withSampling(trained: RunConfig, page: RunConfig): RunConfig {
  const { ddimEta, interpolationNoise } = page;
  return { ...trained, ddimEta, interpolationNoise };
}

/** Whether the weights of one network fit the other. */
export function isSameNetwork(a: NetworkSettings, b: NetworkSettings): boolean {
  return NETWORK_SETTINGS.every((name) => String(a[name]) === String(b[name]));
}

export function withNetwork(config: RunConfig, network: NetworkSettings): RunConfig {
  return {
    ...config,
    ...Object.fromEntries(NETWORK_SETTINGS.map((name) => [name, network[name]])),
  };
}
