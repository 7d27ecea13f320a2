import { formatShare } from "../format.ts";
import classes from "./QualityView.module.css";
import { CLASSIFIER_ACCURACY } from "./qualityWords.ts";

/** What there is before the first measurement. */
export function NothingMeasured() {
  return (
    <div className={classes.nothing}>
      <p>
        Measure draws samples from a network and has a small classifier read them, which is right on{" "}
        {formatShare(CLASSIFIER_ACCURACY)} of the test images. It tells how sure the classifier is,
        whether all ten digits appear, how far the samples are from the test images as a whole, and
        which training image is nearest to each. One that is nearer than any real test image of
        MNIST counts as a copy.
      </p>
      <p>All of it is computed in this browser. Generating the samples takes longest.</p>
    </div>
  );
}
