/** Lets the browser download bytes as a file, under its usual dialog or into its usual folder. */
export function saveFile({
  fileName,
  bytes,
}: {
  fileName: string;
  bytes: Uint8Array<ArrayBuffer>;
}) {
  const url = URL.createObjectURL(new Blob([bytes]));
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  // Not at once: the download has yet to read it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
