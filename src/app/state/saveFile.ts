import type { ExportedFile } from "../../runtime/files/runFormats.ts";

/** WebKit drops a download that has not begun when the next one starts; 100 ms were enough. */
const GAP_MS = 500;

/** When the next download may start, on the clock of `performance`. */
let nextMs = 0;

/** Lets the browser download bytes as a file, under its usual dialog or into its usual folder. */
export function saveFile(file: ExportedFile): void {
  const nowMs = performance.now();
  const waitMs = Math.max(0, nextMs - nowMs);
  nextMs = nowMs + waitMs + GAP_MS;
  if (waitMs > 0) setTimeout(() => download(file), waitMs);
  else download(file);
}

export function saveText(fileName: string, text: string): void {
  saveFile({ fileName, bytes: new TextEncoder().encode(text) });
}

function download({ fileName, bytes }: ExportedFile): void {
  const url = URL.createObjectURL(new Blob([bytes]));
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  // The download has yet to read it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
