import { Text } from "@mantine/core";
import { useMemo } from "react";
import {
  AUGMENTATIONS,
  type AugmentationId,
  augmentedDrawings,
} from "../../../../engine/data/augment.ts";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import classes from "./Variations.module.css";

const NUM_SHOWN = 8;

/** What each augmentation makes of the first drawings, in a row of its own, folded away. */
export function Variations({ drawings }: { drawings: Uint8Array }) {
  return (
    <details className={classes.variations}>
      <summary>How they are varied</summary>
      <div className={classes.rows}>
        {(Object.keys(AUGMENTATIONS) as AugmentationId[]).map((id) => (
          <Variation key={id} id={id} drawings={drawings} />
        ))}
      </div>
    </details>
  );
}

function Variation({ id, drawings }: { id: AugmentationId; drawings: Uint8Array }) {
  const { label, help, strength, unit } = AUGMENTATIONS[id];
  const pixels = useMemo(
    () => augmentedDrawings({ drawings, count: NUM_SHOWN, seed: 0, strengths: { [id]: strength } }),
    [drawings, id, strength],
  );
  return (
    <>
      <Text size="xs" title={help}>
        {label}, {strength} {unit}
      </Text>
      <ImageGrid
        pixels={pixels}
        count={NUM_SHOWN}
        columns={NUM_SHOWN}
        label={`${label}: ${help}`}
        className={classes.images}
      />
    </>
  );
}
