import { Button, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { plainFileName } from "../../formats/plainFileName.ts";
import { pixelsAt } from "../../store/evolution.ts";
import type { Snapshot } from "../../worker/protocol.ts";
import { gridLayout, paintDigits } from "../digitGrid.ts";
import { formatCount } from "../format.ts";
import { saveDigits } from "../saveDigits.ts";
import classes from "./CompareView.module.css";

interface SnapshotCanvasProps {
  snapshot: Snapshot | null;
  /** How much of the denoising is done: 0 is the noise, 1 the digits. */
  share: number;
  name: string;
}

/** The digits of a snapshot, in a square. */
export function SnapshotCanvas({ snapshot, share, name }: SnapshotCanvasProps) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const count = snapshot?.count ?? 0;
  const layout = gridLayout(count, Math.ceil(Math.sqrt(count)));
  useEffect(() => {
    const context = canvasRef.current?.getContext("2d");
    if (!context || !snapshot) return;
    const { count } = snapshot;
    const layout = gridLayout(count, Math.ceil(Math.sqrt(count)));
    const image = context.createImageData(layout.width, layout.height);
    paintDigits(image.data, digitsAt(snapshot, share), layout);
    context.putImageData(image, 0, 0);
  }, [snapshot, share]);
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
          aria-label={`Save PNG of the digits of ${name}`}
          onClick={() =>
            saveDigits({ pixels: digitsAt(snapshot, share), fileName: fileNameOf(name, snapshot) })
          }
        >
          Save PNG
        </Button>
      </div>
    </>
  );
}

function digitsAt(snapshot: Snapshot, share: number): Uint8Array {
  return pixelsAt(snapshot, Math.round(share * (snapshot.numFrames - 1)));
}

function fileNameOf(name: string, { step }: Snapshot): string {
  return `${plainFileName(name)}-step-${step}.png`;
}
