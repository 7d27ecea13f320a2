/** Pictures as people bring them, and drawings as they make them, for the tests. */
import type { Locator, Page } from "@playwright/test";
import { BlobWriter, Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js";
import { encode } from "fast-png";
import sharp from "sharp";

export interface PictureFile {
  /** With the names of its folders. */
  path: string;
  bytes: Uint8Array;
}

const KINDS = ["upright", "level", "slanted"] as const;
const NUM_EACH = 7;

/** A sheet of gray paper with a dark bar on it, upright, level or slanted. */
function sheet(kind: (typeof KINDS)[number], i: number): Uint8Array {
  const [width, height] = [160, 120];
  const [left, top] = [50 + ((i * 7) % 30), 30 + ((i * 11) % 30)];
  const isInk = (x: number, y: number) => {
    const [dx, dy] = [x - left, y - top];
    if (dx < 0 || dy < 0 || dx > 40 || dy > 40) return false;
    if (kind === "upright") return Math.abs(dx - 20) < 4;
    return Math.abs(kind === "level" ? dy - 20 : dx - dy) < 4;
  };
  const data = Uint8Array.from({ length: width * height }, (_, place) =>
    isInk(place % width, Math.floor(place / width)) ? 30 : 200,
  );
  return new Uint8Array(encode({ width, height, channels: 1, depth: 8, data }));
}

/** Seven of each kind, in a folder of its name. */
export function sketches(): PictureFile[] {
  return KINDS.flatMap((kind) =>
    Array.from({ length: NUM_EACH }, (_, i) => ({
      path: `sketches/${kind} bar/${i}.png`,
      bytes: sheet(kind, i),
    })),
  );
}

/** A black L, which is no mirror image of itself, on white or on nothing, 200 x 200, as each kind of file that browsers read. */
export async function filesOfEachKind(): Promise<PictureFile[]> {
  const side = 200;
  const isInk = (x: number, y: number) => (x < 50 || y >= 150) && x < 120;
  const gray = Buffer.from(
    Array.from({ length: side ** 2 }, (_, i) => (isInk(i % side, Math.floor(i / side)) ? 0 : 255)),
  );
  const raw = { width: side, height: side, channels: 1 } as const;
  const onWhite = () => sharp(gray, { raw }).toColorspace("srgb");
  const alpha = Buffer.from(gray.map((value) => 255 - value));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><path d="M0 0H50V150H120V200H0z"/></svg>`;
  const files: Record<string, Buffer | Promise<Buffer>> = {
    png: onWhite().png().toBuffer(),
    jpg: onWhite().jpeg().toBuffer(),
    JPEG: onWhite().jpeg().toBuffer(),
    webp: onWhite().webp().toBuffer(),
    gif: onWhite().gif().toBuffer(),
    avif: onWhite().avif().toBuffer(),
    "transparent.png": sharp(Buffer.alloc(side ** 2), { raw })
      .toColorspace("srgb")
      .joinChannel(alpha, { raw })
      .png()
      .toBuffer(),
    svg: Buffer.from(svg),
  };
  return Promise.all(
    Object.entries(files).map(async ([ending, bytes], i) => ({
      path: `kinds/${i}.${ending}`,
      bytes: await bytes,
    })),
  );
}

export async function zipped(files: readonly PictureFile[]): Promise<Buffer> {
  const zip = new ZipWriter(new BlobWriter(), { useWebWorkers: false });
  for (const { path, bytes } of files) await zip.add(path, new Uint8ArrayReader(bytes));
  return Buffer.from(await (await zip.close()).arrayBuffer());
}

/** Corners of a heart, as shares of the pad. */
const HEART = [
  [0.5, 0.8],
  [0.2, 0.5],
  [0.2, 0.3],
  [0.35, 0.22],
  [0.5, 0.4],
  [0.65, 0.22],
  [0.8, 0.3],
  [0.8, 0.5],
  [0.5, 0.8],
] as const;

/** Draws hearts on the pad of the dialog, each a little elsewhere. */
export async function drawHearts(page: Page, dialog: Locator, count: number) {
  const pad = dialog.getByRole("img", { name: /^A pad to draw/ });
  for (let i = 0; i < count; i++) {
    // It moves as drawings come below it.
    await pad.scrollIntoViewIfNeeded();
    const { x, y, width } = (await pad.boundingBox()) ?? { x: 0, y: 0, width: 0 };
    const [right, down] = [0.02 * ((i % 5) - 2), 0.02 * ((i % 3) - 1)];
    for (const [corner, [ofX, ofY]] of HEART.entries()) {
      await page.mouse.move(x + (ofX + right) * width, y + (ofY + down) * width, { steps: 2 });
      if (corner === 0) await page.mouse.down();
    }
    await page.mouse.up();
    await dialog.getByRole("button", { name: "Add this drawing" }).click();
  }
}
