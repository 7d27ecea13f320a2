/** Shared memory, and with it WebAssembly threads, needs cross-origin isolation. */
export const CROSS_ORIGIN_ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** What the page and its workers may load: their own files, and nothing that the page puts together. */
const DIRECTIVES = {
  "default-src": "'none'",
  "script-src": "'self' 'wasm-unsafe-eval'",
  "style-src": "'self'",
  "img-src": "'self' blob:",
  "connect-src": "'self'",
  "worker-src": "'self'",
  "manifest-src": "'self'",
  "base-uri": "'none'",
  "form-action": "'none'",
};

/** For the page itself, on any host. */
export const PAGE_POLICY = policyOf(DIRECTIVES);

/**
 * What a good host sends with every file. A worker's policy is that of its own response, not the page's;
 * and that no other page may show this one in a frame, only a header can say.
 */
export const HOST_HEADERS = {
  ...CROSS_ORIGIN_ISOLATION,
  "Content-Security-Policy": policyOf({ ...DIRECTIVES, "frame-ancestors": "'none'" }),
};

/** As a browser reads it. */
export function policyOf(directives: Record<string, string>): string {
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources}`)
    .join("; ");
}
