import { Group, Stack } from "@mantine/core";
import { useMemo } from "react";
import { NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";
import { evenIndices } from "../../../../engine/config/snapshotSteps.ts";
import { imageAt } from "../../../../engine/data/imageOrder.ts";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import { noisedPixels } from "../beginning.ts";
import { shownGenerations } from "../state/denoise.ts";
import { noisingWords } from "../text.ts";
import { useDenoiseState } from "../useDenoise.ts";
import { NUM_PICTURES, PictureRows } from "./PictureRows.tsx";

const SMALL = { width: 56, height: 56 };

/** The images that a generation is between, or how noise is added to the one that it begins with. */
export function Sources() {
  const start = useDenoiseState((state) => shownGenerations(state).a?.request.start);
  const sources = useDenoiseState((state) => shownGenerations(state).a?.sources);
  if (!sources || !start || start.kind === "noise") return null;
  if (start.kind === "image") return <Noising {...start} />;
  return (
    <Stack gap={4} flex="none" fz="xs">
      <h3>Between these two</h3>
      <Group gap="sm">
        <ImageGrid pixels={imageAt(sources, 0)} label="The first image" style={SMALL} />
        <span aria-hidden="true">⟷</span>
        <ImageGrid pixels={imageAt(sources, 1)} label="The second image" style={SMALL} />
      </Group>
    </Stack>
  );
}

/** The picked digit's own noise, more of it in each picture. */
function Noising({ image, t }: { image: Uint8Array; t: number }) {
  const noising = useDenoiseState((state) => shownGenerations(state).a?.noising);
  const seed = useDenoiseState((state) => shownGenerations(state).a?.request.seed ?? 0);
  const picked = useDenoiseState((state) => state.picked);
  const film = useMemo(() => {
    // The first picture is the image itself, at t = -1.
    const pictures = evenIndices(t + 2, NUM_PICTURES).map((i) => ({ digit: picked, t: i - 1 }));
    return noising && noisedPixels(noising, { image, seed }, pictures);
  }, [noising, seed, image, t, picked]);
  return (
    film && <PictureRows {...noisingWords(t)} pixels={film} count={film.length / NUM_PIXELS} />
  );
}
