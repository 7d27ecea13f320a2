import { Button, Group, Text, UnstyledButton } from "@mantine/core";
import { useEffect, useState } from "react";
import { useAppState } from "../../../shared/AppContext.ts";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import classes from "../../../shared/network/Form.module.css";
import { withinImages } from "../state/denoiseSettings.ts";
import { useSeedPair } from "../useBeginning.ts";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";
import { galleryPlaces, withPicked } from "./galleryChoice.ts";

/** Which of the two it is; both while only one is picked. */
function placeWords([first, second]: readonly number[], index: number): string {
  if (first === second) return "1, 2";
  return index === first ? "1" : "2";
}

/** Images that were held out of training, to choose one or two from. */
export function Gallery({ isPair }: { isPair: boolean }) {
  const { store, change, showImages } = useDenoise();
  const dataset = useAppState((state) => state.dataset.current);
  const isReady = useAppState((state) => state.backend.status === "ready");
  const gallery = useDenoiseState((state) => state.gallery);
  const ownPair = useDenoiseState((state) => state.settings.pair);
  // The seed's pair stays in the gallery when others are chosen.
  const seedPair = useSeedPair();
  const pair = ownPair ?? seedPair;
  const digit = useDenoiseState((state) => state.settings.digit);
  const [page, setPage] = useState(0);

  // Depends on the dataset itself, not its size: another may have as many images.
  useEffect(() => {
    if (!dataset || !isReady) return;
    const numImages = dataset.unseenLabels.length;
    const settings = withinImages(store.getState().settings, numImages);
    store.setState({ settings });
    const pairs = [...(settings.pair ?? []), ...(seedPair ?? [])];
    const chosen = isPair ? pairs : [settings.digit];
    showImages(galleryPlaces({ page, numImages, chosen }));
  }, [dataset, isReady, isPair, seedPair, page, store, showImages]);

  const chosen: readonly number[] = isPair ? (pair ?? []) : [digit];
  const isOfSeed = isPair && !ownPair && pair;
  const seedHint = isOfSeed && "The seed chose these two; click two others to choose your own.";
  const hint = dataset ? seedHint : "The digits are being loaded.";

  return (
    <>
      <div className={classes.gallery}>
        {gallery.map(({ index, label, pixels }) => (
          <UnstyledButton
            key={index}
            className={classes.image}
            aria-pressed={chosen.includes(index)}
            aria-label={`Image ${index + 1}, labeled ${label}`}
            title={`Labeled ${label}`}
            onClick={() => change(isPair ? { pair: withPicked(pair, index) } : { digit: index })}
          >
            <ImageGrid pixels={pixels} />
            {isPair && chosen.includes(index) && (
              <span className={classes.place}>{placeWords(chosen, index)}</span>
            )}
          </UnstyledButton>
        ))}
      </div>
      <Group gap={6}>
        <Button onClick={() => setPage(page + 1)}>Other digits</Button>
        {isPair && ownPair && (
          <Button onClick={() => change({ pair: null })}>Let the seed choose</Button>
        )}
        {hint && (
          <Text size="xs" c="dimmed">
            {hint}
          </Text>
        )}
      </Group>
    </>
  );
}
