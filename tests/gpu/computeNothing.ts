/**
 * From now on a WebGPU device makes and copies buffers, and computes nothing: a software adapter takes
 * most of its time to compile. For what is counted, not computed; runs in a page or a worker.
 */
export function computeNothing(): void {
  const pipeline = { getBindGroupLayout: () => ({}) } as unknown as GPUComputePipeline;
  GPUDevice.prototype.createShaderModule = () => ({}) as GPUShaderModule;
  GPUDevice.prototype.createComputePipeline = () => pipeline;
  GPUDevice.prototype.createComputePipelineAsync = () => Promise.resolve(pipeline);
  GPUDevice.prototype.createBindGroup = () => ({}) as GPUBindGroup;
  GPUComputePassEncoder.prototype.setPipeline = () => {};
  GPUComputePassEncoder.prototype.setBindGroup = () => {};
  GPUComputePassEncoder.prototype.dispatchWorkgroups = () => {};
}
