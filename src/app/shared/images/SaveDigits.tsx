import { Button } from "@mantine/core";
import type { digitsPng } from "../../../runtime/files/digitsPng.ts";
import { saveFile } from "../../state/saveFile.ts";

type Digits = Parameters<typeof digitsPng>[0] & { fileName: string };

/** Downloads digits as a picture. What makes it is loaded when it is asked for. */
export async function saveDigits({ fileName, ...digits }: Digits): Promise<void> {
  const { digitsPng } = await import("../../../runtime/files/digitsPng.ts");
  saveFile({ fileName, bytes: digitsPng(digits) });
}

/** @param props.digits null while there is nothing to save */
export function SaveDigits({ label, digits }: { label: string; digits: Digits | null }) {
  return (
    <Button
      flex="none"
      disabled={digits === null}
      aria-label={label}
      onClick={() => digits && saveDigits(digits)}
    >
      Save PNG
    </Button>
  );
}
