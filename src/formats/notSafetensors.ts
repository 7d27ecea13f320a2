const SAVE_WITH_SAFETENSORS =
  "It looks like a file of torch.save (.pt, .pth, .bin). In PyTorch, save the weights with safetensors.torch.save_file(net.state_dict(), path) instead.";

/** How files that are taken for safetensors begin, and what to tell who brings one. */
const SIGNATURES: readonly (readonly [start: string, hint: string])[] = [
  ["PK\x03\x04", SAVE_WITH_SAFETENSORS],
  // Pickle by its protocol; torch.save takes the second where nobody says otherwise.
  ["\x80\x02", SAVE_WITH_SAFETENSORS],
  ["\x80\x03", SAVE_WITH_SAFETENSORS],
  ["\x80\x04", SAVE_WITH_SAFETENSORS],
  ["\x80\x05", SAVE_WITH_SAFETENSORS],
  [
    "version https://git-lfs",
    "It is a Git LFS pointer, which stands for the file: fetch the file itself with git lfs pull.",
  ],
  ["\x89PNG", "It is an image (PNG)."],
  ["\xff\xd8\xff", "It is an image (JPEG)."],
  ["GIF8", "It is an image (GIF)."],
  ["\x1f\x8b", "It is compressed (gzip): unpack it first."],
  ["\x89HDF", "It is an HDF5 file, as Keras writes them."],
  ["\x93NUMPY", "It is a NumPy array (.npy)."],
  ["GGUF", "It is a GGUF file."],
];

/** So many of the first bytes tell what a file is. */
export const HINT_BYTES = 64;

/**
 * What a file is that is not safetensors, where its first bytes tell.
 *
 * @returns a sentence for a person, or ""
 */
export function hintAbout(bytes: Uint8Array): string {
  const start = String.fromCharCode(...bytes.subarray(0, HINT_BYTES));
  const known = SIGNATURES.find(([signature]) => start.startsWith(signature));
  if (known) return known[1];
  const text = start.replace(/^\xef\xbb\xbf/, "").trimStart();
  if (/^<[!?a-z]/i.test(text))
    return "It looks like a web page (HTML): the server may have sent one in place of the file.";
  if (/^[{[]/.test(text)) return "It looks like JSON.";
  return "";
}
