import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { datasetEntry } from "../../../../engine/data/datasets.ts";
import { CONFIDENT, MAX_CLASS_ENTROPY } from "../../../../engine/quality/figures.ts";
import { formatCount, formatShare } from "../../../../runtime/format.ts";
import { Explain } from "../../../shared/explain/Explain.tsx";
import type { Evaluation } from "../../../state/slices/evaluation.ts";
import { ASSIGNMENT_FIGURES, frechetWords } from "../qualityWords.ts";
import classes from "./Figures.module.css";

/** The figures, each beside that of real images and of the assignment's samples, for scale. */
export function FigureTable({ result }: { result: Evaluation["result"] }) {
  const { figures, real, frechetFloor } = result;
  const { nearest } = figures;
  const assignment = ASSIGNMENT_FIGURES;
  return (
    <section aria-label="Figures">
      <table className={classes.figures}>
        <thead>
          <tr>
            <td />
            <th scope="col">Samples</th>
            <th scope="col">{formatCount(real.count)} test images</th>
            <th scope="col">Assignment’s samples*</th>
          </tr>
        </thead>
        <tbody>
          <Figure
            name="Mean confidence"
            value={figures.meanConfidence.toFixed(3)}
            real={real.meanConfidence.toFixed(3)}
            assignment={assignment.meanConfidence.toFixed(2)}
          />
          <Figure
            name={`Share above ${CONFIDENT}`}
            value={formatShare(figures.shareConfident)}
            real={formatShare(real.shareConfident)}
            assignment={`${100 * assignment.shareConfident} %`}
          />
          <Figure
            name={
              <>
                Fréchet distance on classifier features <Explain note="frechet" />
              </>
            }
            value={frechetWords(figures.frechetDistance)}
            real={
              <>
                {frechetWords(frechetFloor.distance)}{" "}
                <Text
                  span
                  display="block"
                  size="xs"
                  c="dimmed"
                  lh="inherit"
                  style={{ whiteSpace: "normal" }}
                >
                  {formatCount(frechetFloor.count)} training images
                  {frechetFloor.numDraws > 1 && ", on average"}
                </Text>
              </>
            }
          />
          <Figure
            name={`Entropy of the digits, at most ${MAX_CLASS_ENTROPY.toFixed(2)} bits`}
            value={figures.classEntropy.toFixed(2)}
            real={real.classEntropy.toFixed(2)}
          />
          <Figure
            name="Median distance to the nearest training image"
            value={nearest.medianDistance.toFixed(3)}
            real={datasetEntry(result.dataset).testMedianDistance?.toFixed(3) ?? "–"}
          />
        </tbody>
      </table>
      <Text size="xs" c="dimmed" lh={1.4} mt={6}>
        * The 100 samples that the course assignment shows, read by another classifier, of{" "}
        {formatShare(assignment.accuracy)} accuracy, and {assignment.real.meanConfidence} and{" "}
        {formatShare(assignment.real.shareConfident)} of the test images: a rough scale, since
        classifiers of that accuracy differ by up to 0.04 and 12 % on the same samples. Confidence
        alone says little: the classifier can be confident about pure noise. The other figures show
        that.
      </Text>
    </section>
  );
}

interface FigureProps {
  name: ReactNode;
  value: string;
  real: ReactNode;
  /** Left out where it was not measured. */
  assignment?: string;
}

function Figure({ name, value, real, assignment = "–" }: FigureProps) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className={classes.value}>{value}</td>
      <td>{real}</td>
      <td>{assignment}</td>
    </tr>
  );
}
