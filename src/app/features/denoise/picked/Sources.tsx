import { Group } from "@mantine/core";
import { useMemo } from "react";
import { NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";
import { evenIndices } from "../../../../engine/config/snapshotSteps.ts";
import { imageAt } from "../../../../engine/data/imageOrder.ts";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import { noisedPixels } from "../beginning.ts";
import { shownGenerations } from "../state/denoise.ts";
import { useDenoiseState } from "../useDenoise.ts";
import classes from "./PickedDigit.module.css";
import { NUM_PICTURES, Strip } from "./Strip.tsx";

/** The images that a generation is between, or the way of one into the noise. */
export function Sources() {
  const start = useDenoiseState(
    (state) => shownGenerations(state).a?.request.start.kind ?? "noise",
  );
  const sources = useDenoiseState((state) => shownGenerations(state).a?.sources ?? null);
  if (!sources || start === "noise") return null;
  if (start === "image") return <Noising image={sources} />;
  return (
    <div className={`column ${classes.strip}`}>
      <h3>Between these two</h3>
      <Group className={classes.pair} gap="sm">
        <ImageGrid pixels={imageAt(sources, 0)} label="The first image" />
        <span aria-hidden="true">⟷</span>
        <ImageGrid pixels={imageAt(sources, 1)} label="The second image" />
      </Group>
    </div>
  );
}

/** The picked digit's own noise, more of it in each picture. */
function Noising({ image }: { image: Uint8Array }) {
  const request = useDenoiseState((state) => shownGenerations(state).a?.request ?? null);
  const picked = useDenoiseState((state) => state.picked);
  const noising = useDenoiseState((state) => shownGenerations(state).a?.noising ?? null);
  const film = useMemo(() => {
    if (!noising || request?.start.kind !== "image") return null;
    // From the image itself, t = -1.
    const levels = evenIndices(request.start.t + 2, NUM_PICTURES).map((i) => i - 1);
    const pictures = levels.map((t) => ({ digit: picked, t }));
    return noisedPixels(noising, { image, seed: request.seed }, pictures);
  }, [request, noising, image, picked]);
  if (!film) return null;
  const t = request?.start.kind === "image" ? request.start.t : 0;
  return (
    <Strip
      title={`Adding noise, up to t = ${t}`}
      label={`The image with more and more noise, up to t = ${t}`}
      pixels={film}
      count={film.length / NUM_PIXELS}
    />
  );
}
