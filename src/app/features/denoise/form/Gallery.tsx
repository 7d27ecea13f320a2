import { Button, Group, Text, UnstyledButton } from "@mantine/core";
import { useEffect, useState } from "react";
import { useAppState } from "../../../shared/AppContext.ts";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import classes from "../../../shared/network/Form.module.css";
import { withinImages } from "../state/denoiseSettings.ts";
import { DIGITS_COMING } from "../state/text.ts";
import { PAIR_OF_SEED } from "../text.ts";
import { useSeedPair } from "../useBeginning.ts";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";

const PER_PAGE = 24;

/**
 * Places of the images to show, all different: chosen ones that are not on the page, then the page's. The first page
 * follows the last.
 */
export function galleryPlaces({
  page,
  numImages,
  chosen,
}: {
  page: number;
  numImages: number;
  chosen: readonly number[];
}): number[] {
  const numPages = Math.max(1, Math.ceil(numImages / PER_PAGE));
  const first = (page % numPages) * PER_PAGE;
  const places = Array.from({ length: PER_PAGE }, (_, i) => first + i);
  const missing = [...new Set(chosen)].filter((place) => !places.includes(place));
  return [...missing, ...places].filter((place) => place < numImages).slice(0, PER_PAGE);
}

/** The pair with one more image: it takes the place of the first, and the second moves up. */
export function withPicked(
  pair: readonly [number, number] | null,
  place: number,
): [number, number] {
  return [pair?.[1] ?? place, place];
}

/** Which of the two it is; both while only one is picked. */
function formatPlace([first, second]: readonly number[], index: number): string {
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
  const hint = dataset ? isOfSeed && PAIR_OF_SEED : DIGITS_COMING;

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
              <span className={classes.place}>{formatPlace(chosen, index)}</span>
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
