import { Text } from "@mantine/core";
import { type Evaluation, MAX_WITH_IMAGES } from "../../store/evaluation.ts";
import classes from "./Nearest.module.css";
import { nearestWords } from "./qualityWords.ts";
import { SamplePairs } from "./SamplePairs.tsx";

interface NearestImagesProps {
  evaluation: Evaluation;
  /** The samples in the order in which they are shown. */
  places: readonly number[];
}

/** Each sample beside the training image nearest to it: is it a copy? */
export function NearestImages({ evaluation, places }: NearestImagesProps) {
  const { result, images } = evaluation;
  return (
    <section className={`column ${classes.nearest}`} aria-labelledby="nearest">
      <h3 id="nearest">Samples beside their nearest training images</h3>
      <Text size="sm" c="dimmed" lh={1.4}>
        {nearestWords(result)} Distance: root mean square difference of pixels, 0 to 1.
      </Text>
      {images ? (
        <SamplePairs {...{ result, images, places }} />
      ) : (
        <Text size="sm" c="dimmed" lh={1.4}>
          The pictures of this measurement are no longer kept, only those of the latest{" "}
          {MAX_WITH_IMAGES} are. Measure with the same settings to see them again.
        </Text>
      )}
    </section>
  );
}
