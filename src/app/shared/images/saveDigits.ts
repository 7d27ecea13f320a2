import type { digitsPng } from "../../../runtime/files/digitsPng.ts";
import { saveFile } from "../../state/saveFile.ts";

type Digits = Parameters<typeof digitsPng>[0];

/** Downloads digits as a picture. What makes it is loaded when it is asked for. */
export async function saveDigits(digits: Digits & { fileName: string }): Promise<void> {
  const { digitsPng } = await import("../../../runtime/files/digitsPng.ts");
  saveFile({ fileName: digits.fileName, bytes: digitsPng(digits) });
}
