import { Text } from "@mantine/core";
import { datasetEntry } from "../../../../engine/data/datasets.ts";
import type { Measurement } from "../../../../runtime/files/reportChoices.ts";
import { formatCount, formatShare } from "../../../../runtime/format.ts";
import { Explain } from "../../../shared/explain/Explain.tsx";
import { DataTable } from "../../../shared/parts/DataTable.tsx";
import classes from "./Figures.module.css";
import { ASSIGNMENT_FIGURES, FIGURE_NAMES, frechetWords, READ_AS_ASKED } from "./text.ts";

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
            FIGURE_NAMES.confidence,
            figures.meanConfidence.toFixed(3),
            real.meanConfidence.toFixed(3),
            assignment.meanConfidence.toFixed(2),
          ],
          [
            FIGURE_NAMES.confident,
            formatShare(figures.shareConfident),
            formatShare(real.shareConfident),
            `${100 * assignment.shareConfident} %`,
          ],
          ...(figures.readAsAsked === undefined
            ? []
            : [
                [
                  <span key="asked">
                    {FIGURE_NAMES.asked} <Explain note={READ_AS_ASKED} />
                  </span>,
                  formatShare(figures.readAsAsked),
                  real.readAsAsked === undefined ? "–" : formatShare(real.readAsAsked),
                  "–",
                ],
              ]),
          [
            <span key="frechet">
              {FIGURE_NAMES.frechet} <Explain note="frechet" />
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
            FIGURE_NAMES.entropy,
            figures.classEntropy.toFixed(2),
            real.classEntropy.toFixed(2),
            "–",
          ],
          [
            FIGURE_NAMES.nearest,
            nearest.medianDistance.toFixed(3),
            datasetEntry(result.dataset).testMedianDistance?.toFixed(3) ?? "–",
            "–",
          ],
        ]}
      />
      <Text size="xs" c="dimmed" mt={6}>
        * {assignment.note}
      </Text>
    </section>
  );
}
