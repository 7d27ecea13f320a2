/** Made by `tools/wasmKernelsPlugin.ts`: a WebAssembly module in base64. */
declare module "virtual:wasm-kernels/*" {
  const base64: string;
  export default base64;
}
