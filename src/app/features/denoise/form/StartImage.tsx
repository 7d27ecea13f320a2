import { Text } from "@mantine/core";
import { memo, useMemo } from "react";
import { formatCount } from "../../../../runtime/format.ts";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import { configOf } from "../../../shared/network/chosenNetwork.ts";
import classes from "../../../shared/network/Form.module.css";
import { useNetworks } from "../../../shared/network/useNetworks.ts";
import { NumberField } from "../../../shared/parts/NumberField.tsx";
import { noisedPixels } from "../beginning.ts";
import { startTimestep } from "../state/denoiseSettings.ts";
import { BLANK, drawingPixels } from "../state/drawing.ts";
import { AS_SEEN, CORNERS_HELP, pairWords } from "../text.ts";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";
import { DrawingPad } from "./DrawingPad.tsx";
import { Gallery } from "./Gallery.tsx";
import { MixField } from "./MixField.tsx";
import { SliderField } from "./SliderField.tsx";

/** Gives the timestep up to which noise is added to the images, as a number and in words. */
function useNoiseLevel() {
  const start = useDenoiseState((state) => state.settings.start);
  const level = useDenoiseState((state) => state.settings.level);
  const network = useDenoiseState((state) => state.settings.a.network);
  const numTimesteps = configOf(network, useNetworks())?.timesteps ?? 0;
  const t = startTimestep({ start, level }, numTimesteps);
  return { level, t, words: `t = ${formatCount(t)} of ${formatCount(numTimesteps)}` };
}

/** Shows the images that one starts from; pure noise has none. */
export const StartImage = memo(function StartImage() {
  const start = useDenoiseState((state) => state.settings.start);
  const { t, words } = useNoiseLevel();
  if (start === "noise") return null;
  if (start === "plane") return <Corners />;
  return (
    <div className={`column ${classes.start}`}>
      {start === "drawing" ? <DrawingPad /> : <Gallery key={start} isPair={start === "pair"} />}
      {start !== "pair" && <Noised t={t} words={words} />}
    </div>
  );
});

/** Lets one set how much noise the images get, and how two of them are mixed. */
export const StartLevel = memo(function StartLevel() {
  const { change } = useDenoise();
  const start = useDenoiseState((state) => state.settings.start);
  const isMixed = useDenoiseState((state) => state.settings.mix !== null);
  const { level, words } = useNoiseLevel();
  if (start === "noise" || start === "plane") return null;
  return (
    <>
      <SliderField
        name="Noise level"
        isNamed
        value={level}
        words={words}
        onChange={(next) => change({ level: next })}
      />
      {start === "pair" && (
        <>
          <MixField />
          <Text size="xs" c="dimmed" className={classes.help}>
            {words}: {pairWords(isMixed)}
          </Text>
        </>
      )}
    </>
  );
});

/** The image, without and with noise. */
function Noised({ t, words }: { t: number; words: string }) {
  const start = useDenoiseState((state) => state.settings.start);
  const seed = useDenoiseState((state) => Number(state.settings.seed));
  const chosen = useDenoiseState((state) => state.images.get(state.settings.digit));
  const strokes = useDenoiseState((state) => state.strokes);
  const network = useDenoiseState((state) => state.settings.a.network);
  const config = configOf(network, useNetworks());
  const drawn = useMemo(() => drawingPixels(strokes), [strokes]);
  const image = (start === "drawing" ? drawn : chosen) ?? BLANK;
  const noised = useMemo(() => {
    if (!config) return image;
    return noisedPixels(config, { image, seed: seed || 0 }, [{ digit: 0, t }]);
  }, [config, image, seed, t]);
  return (
    <div className={classes.noised}>
      <figure>
        <ImageGrid pixels={image} label={`The image, ${AS_SEEN}`} />
        <Text component="figcaption" size="xs" c="dimmed">
          {AS_SEEN}
        </Text>
      </figure>
      <figure>
        <ImageGrid pixels={noised} label={`The image noised to ${words}`} />
        <Text component="figcaption" size="xs" c="dimmed">
          {words}
        </Text>
      </figure>
    </div>
  );
}

/** What the corners of the plane are, which cannot be chosen for a network without classes. */
function Corners() {
  const session = useDenoise();
  const corners = useDenoiseState((state) => state.settings.corners);
  const network = useDenoiseState((state) => state.settings.a.network);
  const networks = useNetworks();
  const error = useDenoiseState(() => session.requests(networks).errors.corners);
  const hasClasses = (configOf(network, networks)?.classes ?? 0) > 0;
  return (
    <>
      {hasClasses && (
        <NumberField
          label="Corners"
          className={classes.row}
          text={corners}
          error={error}
          onChange={(text) => session.change({ corners: text })}
        />
      )}
      <Text size="xs" c="dimmed" {...(hasClasses && { className: classes.help })}>
        {hasClasses ? CORNERS_HELP.classes : CORNERS_HELP.noise}
      </Text>
    </>
  );
}
