import { findBrowser } from "./browser.ts";

/** How the tests start the browser. */
export const launchOptions = {
  // Looked for once it is needed.
  get executablePath() {
    return findBrowser();
  },
  args: [
    // Gives SwiftShader's WebGPU adapter where there is no graphics card.
    "--enable-unsafe-webgpu",
    // SwiftShader clears workgroup memory by one store for each number, unrolled into the program, and takes a second to
    // compile a kernel with tiles; with this off Chromium clears it in a loop, and the same kernel takes a tenth of that.
    "--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    // Chromium's sandbox does not start for root.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  ],
};
