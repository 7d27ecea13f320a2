import { Text } from "@mantine/core";
import { datasetEntry } from "../../../engine/data/datasets.ts";
import { CONFIDENT, MAX_CLASS_ENTROPY } from "../../../engine/quality/figures.ts";
import type { Measurement } from "../../../runtime/files/reportChoices.ts";
import { formatCount, formatShare } from "../../../runtime/format.ts";
import { Explain } from "../../shared/explain/Explain.tsx";
import { DataTable } from "../../shared/parts/DataTable.tsx";
import classes from "./Figures.module.css";
import { ASSIGNMENT_FIGURES, frechetWords, READ_AS_ASKED } from "./text.ts";

/** The figures, each beside that of real images and of the assignment's samples, for scale. */
export function FigureTable({ result }: { result: Omit<Measurement, "words"> }) {
  const { figures, real, frechetFloor } = result;
  const { nearest } = figures;
  const assignment = ASSIGNMENT_FIGURES;
  return (
    <section aria-label="Figures">
      <DataTable
        className={classes.figures}
        columns={["", "Samples", `${formatCount(real.count)} test images`, "Assignment's samples*"]}
        rows={[
          [
            "Mean confidence",
            figures.meanConfidence.toFixed(3),
            real.meanConfidence.toFixed(3),
            assignment.meanConfidence.toFixed(2),
          ],
          [
            `Share above ${CONFIDENT}`,
            formatShare(figures.shareConfident),
            formatShare(real.shareConfident),
            `${100 * assignment.shareConfident} %`,
          ],
          ...(figures.readAsAsked === undefined
            ? []
            : [
                [
                  <span key="asked">
                    Read as the digit asked for <Explain note={READ_AS_ASKED} />
                  </span>,
                  formatShare(figures.readAsAsked),
                  real.readAsAsked === undefined ? "–" : formatShare(real.readAsAsked),
                  "–",
                ],
              ]),
          [
            <span key="frechet">
              Fréchet distance on classifier features <Explain note="frechet" />
            </span>,
            frechetWords(figures.frechetDistance),
            <span key="real">
              {frechetWords(frechetFloor.distance)}{" "}
              <Text span display="block" size="xs" c="dimmed" lh="inherit" className={classes.of}>
                {formatCount(frechetFloor.count)} training images
                {frechetFloor.numDraws > 1 && ", on average"}
              </Text>
            </span>,
            "–",
          ],
          [
            `Entropy of the digits, at most ${MAX_CLASS_ENTROPY.toFixed(2)} bits`,
            figures.classEntropy.toFixed(2),
            real.classEntropy.toFixed(2),
            "–",
          ],
          [
            "Median distance to the nearest training image",
            nearest.medianDistance.toFixed(3),
            datasetEntry(result.dataset).testMedianDistance?.toFixed(3) ?? "–",
            "–",
          ],
        ]}
      />
      <Text size="xs" c="dimmed" mt={6}>
        * The 100 samples that the course assignment shows, read by another classifier. That one is
        right on {formatShare(assignment.accuracy)} of the test images, with a confidence of{" "}
        {assignment.real.meanConfidence}, above 0.9 on {formatShare(assignment.real.shareConfident)}
        . So this is a rough scale: on the same samples such classifiers differ by up to 0.04 and 12
        %. Confidence alone says little: a classifier can be confident about pure noise. Read it
        with the other figures.
      </Text>
    </section>
  );
}
