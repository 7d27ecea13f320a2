/** What numbers of the network are stored in while it computes. */
export type Precision = "float32" | "mixed";

let current: Precision = "float32";

/**
 * Runs part of a network. With `mixed`, kernels that can may store its activations, which the backward pass
 * reads again, as 16-bit floats (Micikevicius et al. 2018); they still compute and add up in 32 bits, and
 * weights and gradients stay as they are. Only WebGPU has such kernels.
 */
export function inPrecision<T>(precision: Precision, compute: () => T): T {
  const before = current;
  current = precision;
  try {
    return compute();
  } finally {
    current = before;
  }
}

/** Whether activations that are made now may be stored as 16-bit floats. */
export function isMixed(): boolean {
  return current === "mixed";
}
