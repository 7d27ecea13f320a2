import { ActionIcon, Group, SegmentedControl, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { type ReactNode, useMemo, useState } from "react";
import { NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";
import { COPY_DISTANCE } from "../../../../engine/quality/figures.ts";
import { formatCount, formatShare } from "../../../../runtime/format.ts";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import type { Evaluation, SampleImages } from "../../../state/slices/evaluation.ts";
import { type SampleOrder, useQuality, useQualityState } from "../quality.ts";
import { pairsAt } from "../qualityFiles.ts";
import classes from "./Nearest.module.css";

const PAGE = 60;
/** A sample beside its nearest image. */
const PAIR = { images: 2, gap: 6 };
/** What a pair has of the screen, at least. */
const MIN_PAIR_WIDTH = 88;

const ORDERS: { value: SampleOrder; label: string }[] = [
  { value: "nearest", label: "Nearest to training" },
  { value: "unsure", label: "Least sure" },
  { value: "drawn", label: "As drawn" },
];

interface SamplePairsProps {
  result: Evaluation["result"];
  images: SampleImages;
  /** The samples in the order in which they are shown. */
  places: readonly number[];
}

/** Pairs of a sample and the training image nearest to it, a page of them, and one large. */
export function SamplePairs({ result, images, places }: SamplePairsProps) {
  const store = useQuality();
  const order = useQualityState((state) => state.order);
  const picked = useQualityState((state) => state.picked);
  const [pointed, setPointed] = useState<number | null>(null);
  const { ref: boxRef, width } = useElementSize();
  const count = places.length;
  const first = PAGE * Math.floor(picked / PAGE);
  const shown = useMemo(() => places.slice(first, first + PAGE), [places, first]);
  const pixels = useMemo(() => pairsAt(images, shown), [images, shown]);
  const pick = (index: number) => {
    setPointed(null);
    store.setState({ picked: Math.max(0, Math.min(count - 1, index)) });
  };
  const large = pointed === null ? picked : first + pointed;
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="Order of the samples"
        data={ORDERS}
        value={order}
        onChange={(chosen) => store.setState({ order: chosen, picked: 0 })}
      />
      <PickedPair result={result} images={images} place={places[large] ?? 0}>
        <Step name="Previous sample" sign="‹" to={picked - 1} count={count} pick={pick} />
        <Text span size="xs" c="dimmed" ta="center" miw="7em">
          {formatCount(large + 1)} of {formatCount(count)}
        </Text>
        <Step name="Next sample" sign="›" to={picked + 1} count={count} pick={pick} />
      </PickedPair>
      <div ref={boxRef} className={classes.pairs}>
        <ImageGrid
          pixels={pixels}
          count={shown.length}
          columns={Math.max(1, Math.floor(width / MIN_PAIR_WIDTH))}
          cell={PAIR}
          marked={picked - first}
          label={`Samples ${formatCount(first + 1)} to ${formatCount(first + shown.length)} of ${formatCount(count)}, each beside its nearest training image`}
          onPoint={setPointed}
          onPick={(index) => pick(first + index)}
        />
      </div>
      {count > PAGE && (
        <Group gap={6} wrap="nowrap">
          <Step name="Previous page" sign="‹" to={first - PAGE} count={count} pick={pick} />
          <Text span size="xs" c="dimmed" ta="center" miw="7em">
            {formatCount(first + 1)}–{formatCount(first + shown.length)} of {formatCount(count)}
          </Text>
          <Step name="Next page" sign="›" to={first + PAGE} count={count} pick={pick} />
        </Group>
      )}
    </>
  );
}

interface StepProps {
  name: string;
  sign: string;
  to: number;
  count: number;
  pick: (index: number) => void;
}

function Step({ name, sign, to, count, pick }: StepProps) {
  const isThere = to >= 0 && to < count;
  return (
    <ActionIcon
      variant="default"
      aria-label={name}
      // Not `disabled`: at the end the keyboard's focus would be lost.
      aria-disabled={!isThere}
      data-disabled={!isThere}
      onClick={() => isThere && pick(to)}
    >
      {sign}
    </ActionIcon>
  );
}

interface PickedPairProps {
  result: Evaluation["result"];
  images: SampleImages;
  /** Of the sample, as they were drawn. */
  place: number;
  /** What goes to another. */
  children: ReactNode;
}

/** One sample large, with what is known of it, beside the training image nearest to it. */
function PickedPair({ result, images, place, children }: PickedPairProps) {
  const [sample, nearest] = useMemo(() => {
    const pair = pairsAt(images, [place]);
    return [pair.subarray(0, NUM_PIXELS), pair.subarray(NUM_PIXELS)] as const;
  }, [images, place]);
  const distance = result.distances[place] ?? Number.NaN;
  return (
    <div className={classes.picked}>
      <ImageGrid pixels={sample} label={`Sample ${place + 1}, large`} />
      <ImageGrid pixels={nearest} label="Its nearest training image, large" />
      <div className={`column ${classes.about}`}>
        <Group gap={6} wrap="nowrap">
          {children}
        </Group>
        <dl>
          <dt>Sample</dt>
          <dd>{formatCount(place + 1)}</dd>
          <dt>Read as</dt>
          <dd>
            {result.digits[place]}, {formatShare(result.confidences[place] ?? Number.NaN)} sure
          </dd>
          <dt>Distance</dt>
          <dd>
            {distance.toFixed(3)}
            {distance < COPY_DISTANCE && ", a copy"}
          </dd>
        </dl>
      </div>
    </div>
  );
}
