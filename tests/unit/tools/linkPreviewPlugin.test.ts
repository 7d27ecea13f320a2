import { expect, it } from "vitest";
import { previewAddress } from "../../../tools/linkPreviewPlugin.ts";

it.each([
  ["", "./preview.png"],
  ["https://example.org", "https://example.org/preview.png"],
  ["https://example.org/diffusion", "https://example.org/diffusion/preview.png"],
  ["https://example.org/diffusion/", "https://example.org/diffusion/preview.png"],
])("for a page at “%s” the picture of its links is at %s", (siteUrl, address) => {
  expect(previewAddress(siteUrl)).toBe(address);
});

it.each(["example.org", "./", "https://"])(
  "“%s” is refused as the address of a page",
  (siteUrl) => {
    expect(() => previewAddress(siteUrl)).toThrow(/VITE_SITE_URL .*https:\/\/example/);
  },
);
