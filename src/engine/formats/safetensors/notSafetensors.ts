/** What a file is instead, and what to do; the general advice when that is left out. */
type Kind = readonly [got: string, remedy?: string | undefined];

const TORCH: Kind = [
  "what looks like a file of torch.save (.pt, .pth, .bin)",
  "In PyTorch, save the weights with safetensors.torch.save_file(net.state_dict(), path), and choose that file.",
];
const CHOOSE =
  "Choose a .safetensors file that Diffusion MNIST exported, or one that safetensors' save_file wrote.";

/** The first bytes of files that people mistake for safetensors, and what they are. */
const SIGNATURES: readonly (readonly [start: string, ...kind: Kind])[] = [
  ["PK\x03\x04", ...TORCH],
  // Pickle by its protocol version; torch.save uses 2 by default.
  ["\x80\x02", ...TORCH],
  ["\x80\x03", ...TORCH],
  ["\x80\x04", ...TORCH],
  ["\x80\x05", ...TORCH],
  [
    "version https://git-lfs",
    "a Git LFS pointer, which stands for the file",
    "Fetch the file itself with git lfs pull, and choose that.",
  ],
  ["\x89PNG", "an image (PNG)"],
  ["\xff\xd8\xff", "an image (JPEG)"],
  ["GIF8", "an image (GIF)"],
  ["\x1f\x8b", "a compressed file (gzip)", "Unpack it, and choose the file that is in it."],
  ["\x89HDF", "an HDF5 file, as Keras writes them"],
  ["\x93NUMPY", "a NumPy array (.npy)"],
  ["GGUF", "a GGUF file"],
];

/** How many of the first bytes are needed to tell what a file is. */
export const HINT_BYTES = 64;

/**
 * The message for a file that is not safetensors.
 *
 * @param start its first HINT_BYTES, or all of a shorter one
 * @param otherwise what came, if the first bytes do not tell
 */
export function notSafetensorsMessage(start: Uint8Array, otherwise: string): string {
  const [got, remedy = CHOOSE] = kindOf(start.subarray(0, HINT_BYTES)) ?? [otherwise];
  return `Expected a safetensors file, got ${got}. ${remedy}`;
}

function kindOf(bytes: Uint8Array): Kind | null {
  const start = String.fromCharCode(...bytes);
  const known = SIGNATURES.find(([signature]) => start.startsWith(signature));
  if (known) return [known[1], known[2]];
  const text = start.replace(/^\xef\xbb\xbf/, "").trimStart();
  if (/^<[!?a-z]/i.test(text)) {
    return [
      "what looks like a web page (HTML): the server may have sent one in place of the file",
      "Download the file again, and choose that.",
    ];
  }
  if (/^[{[]/.test(text)) return ["what looks like JSON"];
  return isText(bytes) ? ["a text file"] : null;
}

/** Whether bytes are UTF-8 without control characters; the last character may be cut off. */
function isText(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return !/[^\P{Cc}\t\n\r]/u.test(text);
  } catch {
    return false;
  }
}
