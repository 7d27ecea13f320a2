import { type ReactNode, useMemo } from "react";
import { NUM_PIXELS } from "../../config/hyperparameters.ts";
import { COPY_DISTANCE } from "../../quality/figures.ts";
import type { Evaluation, SampleImages } from "../../store/evaluation.ts";
import { formatCount, formatShare } from "../format.ts";
import { ImageGrid } from "../ImageGrid.tsx";
import classes from "./Nearest.module.css";
import { pairsAt } from "./qualityFiles.ts";

interface PickedPairProps {
  result: Evaluation["result"];
  images: SampleImages;
  /** Of the sample, as they were drawn. */
  place: number;
  /** What goes to another. */
  children: ReactNode;
}

/** One sample large, with what is known of it, beside the training image nearest to it. */
export function PickedPair({ result, images, place, children }: PickedPairProps) {
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
        <div className={classes.steps}>{children}</div>
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
