import { Button, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { IMAGE_SIZE } from "../../config/hyperparameters.ts";
import { plainFileName } from "../../formats/plainFileName.ts";
import type { Snapshot } from "../../worker/protocol.ts";
import { gridLayout, paintDigits } from "../digitGrid.ts";
import { formatCount } from "../format.ts";
import { saveDigits } from "../saveDigits.ts";
import classes from "./CompareView.module.css";

/** The finished digits of a snapshot, in a square. */
export function SnapshotCanvas({ snapshot, name }: { snapshot: Snapshot | null; name: string }) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const count = snapshot?.count ?? 0;
  const layout = gridLayout(count, Math.ceil(Math.sqrt(count)));
  useEffect(() => {
    const context = canvasRef.current?.getContext("2d");
    if (!context || !snapshot) return;
    const { count } = snapshot;
    const layout = gridLayout(count, Math.ceil(Math.sqrt(count)));
    const image = context.createImageData(layout.width, layout.height);
    paintDigits(image.data, digitsOf(snapshot), layout);
    context.putImageData(image, 0, 0);
  }, [snapshot]);
  if (!snapshot) return <div className={classes.noDigits}>No digits were kept</div>;
  return (
    <>
      <canvas
        ref={canvasRef}
        className={classes.canvas}
        role="img"
        aria-label={`Digits of ${name} after ${formatCount(snapshot.step)} steps`}
        width={layout.width}
        height={layout.height}
      />
      <div className={classes.under}>
        <Text size="xs" c="dimmed" className={classes.number}>
          step {formatCount(snapshot.step)}
        </Text>
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`PNG of the digits of ${name}`}
          onClick={() =>
            saveDigits({ pixels: digitsOf(snapshot), fileName: fileNameOf(name, snapshot) })
          }
        >
          PNG
        </Button>
      </div>
    </>
  );
}

/** The last frame. */
function digitsOf({ count, numFrames, pixels }: Snapshot): Uint8Array {
  return pixels.subarray((numFrames - 1) * count * IMAGE_SIZE * IMAGE_SIZE);
}

function fileNameOf(name: string, { step }: Snapshot): string {
  return `${plainFileName(name)}-step-${step}.png`;
}
