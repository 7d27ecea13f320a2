export function provideGpu(): Promise<void>;
