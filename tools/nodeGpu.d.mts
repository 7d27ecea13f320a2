export function provideGpu(flags?: readonly string[]): Promise<GPUAdapter>;
