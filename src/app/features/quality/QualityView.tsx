import { useEffect } from "react";
import { formatShare } from "../../../runtime/format.ts";
import { useAppState } from "../../shared/AppContext.ts";
import { rewriteAddress } from "../../state/address.ts";
import { MeasureForm } from "./MeasureForm.tsx";
import { Measurement } from "./Measurement.tsx";
import classes from "./QualityView.module.css";
import { shownEvaluation, useQuality, useQualityState } from "./quality.ts";
import { withQuality } from "./qualitySettings.ts";
import { CLASSIFIER_ACCURACY } from "./text.ts";

/** How good the samples of a network are: sure of a classifier, of all digits, and no copies. */
export default function QualityView() {
  useSettingsInAddress();
  const done = useAppState((state) => state.evaluation.done);
  const shownId = useQualityState((state) => state.shownId);
  const shown = shownEvaluation({ done }, shownId);
  return (
    <div className={classes.view}>
      <MeasureForm />
      <div className={classes.results}>
        {shown ? (
          <Measurement key={shown.request.evaluationId} evaluation={shown} />
        ) : (
          <NothingMeasured />
        )}
      </div>
    </div>
  );
}

/** So that a link brings them back. */
function useSettingsInAddress() {
  const store = useQuality();
  useEffect(() => {
    return store.subscribe(({ settings }, before) => {
      if (settings !== before.settings) rewriteAddress((query) => withQuality(query, settings));
    });
  }, [store]);
}

/** What there is before the first measurement. */
function NothingMeasured() {
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
