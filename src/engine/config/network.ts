import type { HyperparameterName, RunConfig } from "./hyperparameters.ts";

/** The hyperparameters that the shapes of the weights follow from. */
export const NETWORK_SETTINGS = [
  "dim",
  "dimMults",
  "attnHeads",
  "attnDimHead",
  "selfCondition",
] as const satisfies HyperparameterName[];

export type NetworkSettings = Pick<RunConfig, (typeof NETWORK_SETTINGS)[number]>;

/** The settings a network was trained with, and from those of the page how it is sampled. */
export function withSampling(trained: RunConfig, page: RunConfig): RunConfig {
  const { ddimEta, interpolationNoise } = page;
  return { ...trained, ddimEta, interpolationNoise };
}

/** Whether weights of the one fit the other. */
export function isSameNetwork(a: NetworkSettings, b: NetworkSettings): boolean {
  return NETWORK_SETTINGS.every((name) => String(a[name]) === String(b[name]));
}

/** The settings with another's network. */
export function withNetwork(
  config: RunConfig,
  { dim, dimMults, attnHeads, attnDimHead, selfCondition }: NetworkSettings,
): RunConfig {
  return { ...config, dim, dimMults, attnHeads, attnDimHead, selfCondition };
}
