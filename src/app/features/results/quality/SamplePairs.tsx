import { ActionIcon, Group, SegmentedControl, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { type ReactNode, useMemo, useState } from "react";
import { classNameOf } from "../../../../engine/data/datasets.ts";
import { imageAt } from "../../../../engine/data/imageOrder.ts";
import { COPY_DISTANCE, isRead } from "../../../../engine/quality/figures.ts";
import { formatCount, formatShare } from "../../../../runtime/format.ts";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import type { Evaluation, SampleImages } from "../../../state/slices/evaluation.ts";
import classes from "./Quality.module.css";
import { type SampleOrder, useQuality, useQualityState } from "./quality.ts";
import { pairsAt } from "./qualityFiles.ts";

const PAGE = 60;

/** A sample beside its nearest image. */
const PAIR = { images: 2, gap: 6 };

/** In pixels of the screen. */
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
  const last = first + shown.length;
  const pick = (index: number) => {
    setPointed(null);
    store.setState({ picked: index });
  };
  const large = pointed === null ? picked : first + pointed;
  return (
    <>
      <SegmentedControl
        aria-label="Order of the samples"
        data={ORDERS.filter(({ value }) => value !== "unsure" || isRead(result.figures))}
        value={order}
        onChange={(chosen) => store.setState({ order: chosen, picked: 0 })}
      />
      <LargePair result={result} images={images} place={places[large] ?? 0}>
        <Pager unit="sample" places={[picked - 1, picked + 1]} count={count} onPick={pick}>
          {formatCount(large + 1)}
        </Pager>
      </LargePair>
      <div ref={boxRef} className={classes.pairs}>
        <ImageGrid
          pixels={pixels}
          count={shown.length}
          columns={Math.max(1, Math.floor(width / MIN_PAIR_WIDTH))}
          cell={PAIR}
          marked={picked - first}
          label={pageWords(first + 1, last, count)}
          onPoint={setPointed}
          onPick={(index) => pick(first + index)}
        />
      </div>
      {count > PAGE && (
        <Pager unit="page" places={[first - PAGE, first + PAGE]} count={count} onPick={pick}>
          {formatCount(first + 1)}–{formatCount(last)}
        </Pager>
      )}
    </>
  );
}

interface PagerProps {
  unit: string;
  /** The samples that the two buttons pick. */
  places: [previous: number, next: number];
  count: number;
  onPick: (place: number) => void;
  /** Which of them are shown. */
  children: ReactNode;
}

function Pager({ unit, places: [previous, next], count, onPick, children }: PagerProps) {
  const button = (name: string, sign: string, place: number) => {
    const isThere = place >= 0 && place < count;
    return (
      <ActionIcon
        variant="default"
        aria-label={`${name} ${unit}`}
        // Not `disabled`: at the end the keyboard's focus would be lost.
        aria-disabled={!isThere}
        data-disabled={!isThere}
        onClick={() => isThere && onPick(place)}
      >
        {sign}
      </ActionIcon>
    );
  };
  return (
    <Group gap={6} wrap="nowrap">
      {button("Previous", "‹", previous)}
      <Text span size="xs" c="dimmed" ta="center" miw="7em">
        {children} of {formatCount(count)}
      </Text>
      {button("Next", "›", next)}
    </Group>
  );
}

interface LargePairProps {
  result: Evaluation["result"];
  images: SampleImages;
  /** The sample's place among all, in the order in which they were drawn. */
  place: number;
  /** The buttons that go to another sample. */
  children: ReactNode;
}

/** One sample large, with what is known of it, beside the training image nearest to it. */
function LargePair({ result, images, place, children }: LargePairProps) {
  const distance = result.distances[place] ?? Number.NaN;
  return (
    <div className={classes.large}>
      <ImageGrid pixels={imageAt(images.pixels, place)} label={`Sample ${place + 1}, large`} />
      <ImageGrid
        pixels={imageAt(images.nearestPixels, place)}
        label="Its nearest training image, large"
      />
      <div className={`column ${classes.about}`}>
        {children}
        <dl>
          <dt>Sample</dt>
          <dd>{formatCount(place + 1)}</dd>
          {result.asked && (
            <>
              <dt>Asked for</dt>
              <dd>{classNameOf(result.dataset, result.asked[place] ?? 0)}</dd>
            </>
          )}
          {isRead(result.figures) && (
            <>
              <dt>Read as</dt>
              <dd>
                {classNameOf(result.dataset, result.digits[place] ?? 0)},{" "}
                {formatShare(result.confidences[place] ?? Number.NaN)} sure
              </dd>
            </>
          )}
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

/** A page of samples in words, for those who cannot see it. */
function pageWords(first: number, last: number, count: number): string {
  return `Samples ${formatCount(first)} to ${formatCount(last)} of ${formatCount(count)}, each beside its nearest training image`;
}
