import { Group } from "@mantine/core";
import { useMemo } from "react";
import { NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";
import { noisedImage, toModelRange, toPixels } from "../../../../engine/diffusion/noising.ts";
import { createSchedule } from "../../../../engine/diffusion/schedule.ts";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import { noiseOf } from "../../../shared/images/startNoise.ts";
import { useDenoiseState } from "../DenoiseContext.ts";
import { shownGenerations } from "../state/denoise.ts";
import { digitOf } from "../state/denoiseFrames.ts";
import { NUM_PICTURES, noisingLevels } from "./filmSize.ts";
import classes from "./PickedDigit.module.css";
import { Strip } from "./Strip.tsx";

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
        <ImageGrid pixels={digitOf(sources, 0)} label="The first image" />
        <span aria-hidden="true">⟷</span>
        <ImageGrid pixels={digitOf(sources, 1)} label="The second image" />
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
    const schedule = createSchedule(noising);
    const of = { x0: toModelRange(image), eps: noiseOf(request.seed, picked) };
    const levels = noisingLevels(request.start.t, NUM_PICTURES);
    return toPixels(levels.flatMap((t) => [...noisedImage(schedule, { ...of, t })]));
  }, [request, noising, image, picked]);
  if (!film) return null;
  const t = request?.start.kind === "image" ? request.start.t : 0;
  return (
    <Strip
      title={`Adding noise, up to t = ${t}`}
      label={`The image with more and more noise, up to t = ${t}`}
      pixels={film}
      numPictures={film.length / NUM_PIXELS}
    />
  );
}
