let isStock = false;

/**
 * Computes as stock TensorFlow.js would, for comparison: every operation of this folder by its
 * composed form, without kernels or gradients of our own, so that `tf.grads` and `tf.train` see
 * plain operations and differentiate these.
 *
 * @param compute synchronous, like every operation
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
