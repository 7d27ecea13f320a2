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
 * that `canEnable` tells of. Where the adapter refuses what it says that it has, the device has none of it.
 *
 * @param findAdapter finds the adapter once more, since one that was asked in vain may be spent
 * @throws Error when the adapter has been lost, or refuses even so
 */
export async function openDevice(
  adapter: GPUAdapter,
  findAdapter: () => Promise<GPUAdapter | null>,
): Promise<GPUDevice> {
  // With timestamps the benchmark measures kernels.
  const wanted: GPUFeatureName[] = ["subgroups" satisfies Extension, "timestamp-query"];
  try {
    return await adapter.requestDevice({
      requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)),
      requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
    });
  } catch (error) {
    try {
      const again = await findAdapter();
      if (again) return await again.requestDevice();
    } catch {
      // The first error tells more.
    }
    throw error;
  }
}

/** Whether programs of the device can `enable` an extension of WGSL. */
export function canEnable({ features }: GPUDevice, extension: Extension): boolean {
  return features.has(extension);
}
