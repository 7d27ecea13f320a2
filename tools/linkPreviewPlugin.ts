import type { Plugin, ResolvedConfig } from "vite";

const PREVIEW = "preview.png";

/**
 * Where the picture is that a link to the page is shared with: apps that show it need a whole address.
 *
 * @param siteUrl where the page will be, with or without a slash at the end; empty where that is not known
 * @throws Error when it is no http or https address
 */
export function previewAddress(siteUrl: string): string {
  if (siteUrl === "") return `./${PREVIEW}`;
  const isWeb = /^https?:\/\//i.test(siteUrl) && URL.canParse(siteUrl);
  if (isWeb) return new URL(PREVIEW, siteUrl.replace(/\/*$/, "/")).href;
  throw new Error(
    `Expected VITE_SITE_URL to be the page's address, such as https://example.org/diffusion/, got ${siteUrl}.`,
  );
}

/** Gives the built page's `og:image` the address under `VITE_SITE_URL`. */
export function linkPreviewPlugin(): Plugin {
  let config: ResolvedConfig;
  return {
    name: "link-preview",
    apply: "build",
    configResolved(resolved) {
      config = resolved;
    },
    transformIndexHtml: (html) => {
      const address = previewAddress(config.env.VITE_SITE_URL ?? "");
      return html.replace(/(property="og:image" content=")[^"]*/, (_, tag) => tag + address);
    },
  };
}
