/** Made by `tools/wasmKernelsPlugin.ts`: a WebAssembly module, deflated (RFC 1951) and in base64. */
declare module "virtual:wasm-kernels/*" {
  const base64: string;
  export default base64;
}
