import type { Plugin } from "vite";
import { PAGE_POLICY } from "./headers.ts";

/** Puts the Content-Security-Policy into the built page. The dev server's has inline scripts of Vite. */
export function policyPlugin(): Plugin {
  return {
    name: "policy",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: PAGE_POLICY },
        // It does not hold for what comes before it.
        injectTo: "head-prepend",
      },
    ],
  };
}
