/** The graphics device: opened with all that our programs can use of what the adapter has. */

/** What WGSL can `enable`, by the device's features of the same names. */
export type Extension = "subgroups";

/** Larger than WebGPU's defaults on most graphics cards. TensorFlow.js' kernels use them too. */
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupsPerDimension",
] as const;

/**
 * Opens the device of an adapter, which can be done once. TensorFlow.js would ask for none of the features
 * that `canEnable` tells of.
 *
 * @throws Error when the adapter has been lost, or refuses
 */
export function openDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  // With timestamps the benchmark measures kernels.
  const wanted: GPUFeatureName[] = ["subgroups" satisfies Extension, "timestamp-query"];
  return adapter.requestDevice({
    requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  });
}

/** Whether programs of the device can `enable` an extension of WGSL. */
export function canEnable({ features }: GPUDevice, extension: Extension): boolean {
  return features.has(extension);
}
