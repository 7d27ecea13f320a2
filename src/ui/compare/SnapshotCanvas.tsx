import { Button, Group, Text } from "@mantine/core";
import { useMemo } from "react";
import { plainFileName } from "../../formats/plainFileName.ts";
import { pixelsAt } from "../../store/evolution.ts";
import type { Snapshot } from "../../worker/protocol.ts";
import { formatCount } from "../format.ts";
import { ImageGrid } from "../ImageGrid.tsx";
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
  const pixels = useMemo(() => snapshot && digitsAt(snapshot, share), [snapshot, share]);
  if (!snapshot || !pixels) return <div className={classes.noDigits}>No digits were kept</div>;
  return (
    <>
      <ImageGrid
        pixels={pixels}
        count={snapshot.count}
        columns={Math.ceil(Math.sqrt(snapshot.count))}
        label={`Digits of ${name} after ${formatCount(snapshot.step)} steps`}
      />
      <Group justify="space-between" mt={4}>
        <Text size="xs" c="dimmed">
          step {formatCount(snapshot.step)}
        </Text>
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Save PNG of the digits of ${name}`}
          onClick={() => saveDigits({ pixels, fileName: fileNameOf(name, snapshot) })}
        >
          Save PNG
        </Button>
      </Group>
    </>
  );
}

function digitsAt(snapshot: Snapshot, share: number): Uint8Array {
  return pixelsAt(snapshot, Math.round(share * (snapshot.numFrames - 1)));
}

function fileNameOf(name: string, { step }: Snapshot): string {
  return `${plainFileName(name)}-step-${step}.png`;
}
