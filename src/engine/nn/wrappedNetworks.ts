import { FormatError, quoted } from "../formats/formatError.ts";

/**
 * What modules around a network put before its parameters' names: GaussianDiffusion (`model.`),
 * ema_pytorch's EMA (`online_model.`, `ema_model.`), DataParallel (`module.`) and torch.compile
 * (`_orig_mod.`); also several, as in `ema_model.model.`.
 */
const WRAPPERS = /^(?:(?:model|online_model|ema_model|module|_orig_mod)\.)*/;
const MOVING_AVERAGE = "ema_model.";

/** Buffers of those modules, which are not learned: of GaussianDiffusion, then of EMA. */
const BUFFERS: ReadonlySet<string> = new Set(
  `betas alphas_cumprod alphas_cumprod_prev sqrt_alphas_cumprod sqrt_one_minus_alphas_cumprod
  log_one_minus_alphas_cumprod sqrt_recip_alphas_cumprod sqrt_recipm1_alphas_cumprod
  posterior_variance posterior_log_variance_clipped posterior_mean_coef1 posterior_mean_coef2
  loss_weight initted step`.split(/\s+/),
);

export interface Networks<T> {
  /** The tensors of the network, by their names in it. */
  values: Map<string, T>;
  /** Whether they are a moving average, as they are when the file has nothing else. */
  isAverage: boolean;
  /** The tensors of its moving average if the file has both; names and shapes are not compared yet. */
  ema: Map<string, T> | null;
}

/**
 * Unwraps a network from the modules that it was saved in by removing their prefixes and buffers. A moving
 * average without other weights counts as the network.
 *
 * @throws FormatError when there is no tensor of a network, or there are several networks
 */
export function unwrapNetworks<T>(tensors: ReadonlyMap<string, T>): Networks<T> {
  const networks = new Map<string, Map<string, T>>();
  for (const [name, tensor] of tensors) {
    const prefix = WRAPPERS.exec(name)?.[0] ?? "";
    const inner = name.slice(prefix.length);
    if (BUFFERS.has(inner)) continue;
    const network = networks.get(prefix) ?? new Map<string, T>();
    networks.set(prefix, network.set(inner, tensor));
  }
  const isAverage = (prefix: string) => prefix.includes(MOVING_AVERAGE);
  const averages = [...networks].filter(([prefix]) => isAverage(prefix));
  const trained = [...networks].filter(([prefix]) => !isAverage(prefix));
  if (averages.length > 1 || trained.length > 1) {
    const found = [...networks].slice(0, 5).map(([prefix, network]) => {
      const [first = ""] = network.keys();
      return `${network.size} such as ${quoted(prefix + first)}`;
    });
    throw new FormatError(
      `Expected the tensors of one network and at most its moving average, got those of several: ${found.join(", ")}. Save one network alone.`,
    );
  }
  const [values, ema = null] = [...trained, ...averages].map(([, network]) => network);
  if (values) return { values, isAverage: trained.length === 0, ema };
  throw new FormatError(
    "Expected the weights of a network, got none. In PyTorch, save them with safetensors.torch.save_file(net.state_dict(), path).",
  );
}
