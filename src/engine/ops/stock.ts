let isStock = false;

/**
 * Computes as stock TensorFlow.js would, for comparison: every operation uses its composed form, without our
 * kernels and gradients, so that `tf.grads` and `tf.train` differentiate plain operations.
 */
export function asStock<T>(compute: () => T): T {
  const before = isStock;
  isStock = true;
  try {
    return compute();
  } finally {
    isStock = before;
  }
}

export function runsAsStock(): boolean {
  return isStock;
}
