import { findBrowser } from "./browser.ts";

/** How the tests start the browser. */
export const launchOptions = {
  executablePath: findBrowser(),
  args: [
    // Gives SwiftShader's WebGPU adapter where there is no graphics card.
    "--enable-unsafe-webgpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    // Chromium's sandbox does not start for root.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  ],
};
