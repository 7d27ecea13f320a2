import { ActionIcon, SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import type { Evaluation } from "../../store/evaluation.ts";
import type { SampleOrder } from "../../store/quality.ts";
import { formatCount } from "../format.ts";
import classes from "./Nearest.module.css";
import { PairsCanvas } from "./PairsCanvas.tsx";
import { PickedPair } from "./PickedPair.tsx";
import { pairsAt } from "./qualityFiles.ts";
import { nearestWords } from "./qualityWords.ts";
import { useQuality, useQualityState } from "./useQuality.ts";

const PAGE = 60;

const ORDERS: { value: SampleOrder; label: string }[] = [
  { value: "nearest", label: "Nearest to training" },
  { value: "unsure", label: "Least sure" },
  { value: "drawn", label: "As drawn" },
];

interface NearestImagesProps {
  result: Evaluation["result"];
  /** The samples in the order in which they are shown. */
  places: readonly number[];
}

/** Each sample beside the training image nearest to it: is it a copy? */
export function NearestImages({ result, places }: NearestImagesProps) {
  const store = useQuality();
  const order = useQualityState((state) => state.order);
  const picked = useQualityState((state) => state.picked);
  const [pointed, setPointed] = useState<number | null>(null);
  const count = places.length;
  const first = PAGE * Math.floor(picked / PAGE);
  const shown = useMemo(() => places.slice(first, first + PAGE), [places, first]);
  const pixels = useMemo(() => pairsAt(result, shown), [result, shown]);
  const pick = (index: number) => {
    setPointed(null);
    store.setState({ picked: Math.max(0, Math.min(count - 1, index)) });
  };
  const large = pointed === null ? picked : first + pointed;
  return (
    <section className={classes.nearest} aria-labelledby="nearest">
      <h3 id="nearest" className={classes.subtitle}>
        Samples beside their nearest training images
      </h3>
      <p className={classes.summary}>
        {nearestWords(result)} Distance: root mean square difference of pixels, 0 to 1.
      </p>
      <SegmentedControl
        size="xs"
        aria-label="Order of the samples"
        data={ORDERS}
        value={order}
        onChange={(chosen) => store.setState({ order: chosen, picked: 0 })}
      />
      <PickedPair result={result} place={places[large] ?? 0}>
        <Step name="Previous sample" sign="‹" to={picked - 1} {...{ count, pick }} />
        <span className={classes.place}>
          {formatCount(large + 1)} of {formatCount(count)}
        </span>
        <Step name="Next sample" sign="›" to={picked + 1} {...{ count, pick }} />
      </PickedPair>
      <PairsCanvas
        pixels={pixels}
        picked={picked - first}
        label={`Samples ${formatCount(first + 1)} to ${formatCount(first + shown.length)} of ${formatCount(count)}, each beside its nearest training image`}
        onPoint={setPointed}
        onPick={(index) => pick(first + index)}
      />
      {count > PAGE && (
        <div className={classes.pages}>
          <Step name="Previous page" sign="‹" to={first - PAGE} {...{ count, pick }} />
          <span className={classes.place}>
            {formatCount(first + 1)}–{formatCount(first + shown.length)} of {formatCount(count)}
          </span>
          <Step name="Next page" sign="›" to={first + PAGE} {...{ count, pick }} />
        </div>
      )}
    </section>
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
