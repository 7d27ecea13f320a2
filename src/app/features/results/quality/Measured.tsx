import { Text, UnstyledButton } from "@mantine/core";
import { Fragment } from "react";
import { DEFAULT_DATASET } from "../../../../engine/data/datasets.ts";
import { formatCount, formatShare } from "../../../../runtime/format.ts";
import { useAppState } from "../../../shared/AppContext.ts";
import { DataTable } from "../../../shared/parts/DataTable.tsx";
import type { Evaluation } from "../../../state/slices/evaluation.ts";
import classes from "./Measured.module.css";
import { OTHER_SAMPLES, useQuality } from "./quality.ts";
import { frechetWords, measuredName, samplerWords, stepsWords } from "./text.ts";

/** What was measured in this visit, the newest first, so that checkpoints compare. */
export function Measured({ shown }: { shown: Evaluation }) {
  const store = useQuality();
  const done = useAppState((state) => state.evaluation.done);
  const run = useAppState((state) => state.run);
  const stored = useAppState((state) => state.stored);
  // Only networks with classes have an accuracy and a guidance.
  const hasGuidance = done.some(({ request }) => request.guidance !== null);
  return (
    <section style={{ gridColumn: "1 / -1", minWidth: 0 }} aria-labelledby="measured">
      <h3 id="measured">Measured in this visit</h3>
      <div style={{ overflowX: "auto" }}>
        <DataTable
          className={classes.measured}
          columns={[
            ...["Network", ...(hasGuidance ? ["Accuracy"] : []), "Confidence", "Above 0.9"],
            ...["Fréchet", "Samples", "Sampler", "Steps"],
            ...(hasGuidance ? ["Guidance", "Seed"] : ["Seed"]),
          ]}
          rows={done.toReversed().map((evaluation) => {
            const { request, result } = evaluation;
            const { requestId, count, sampler, seed, guidance } = request;
            const { meanConfidence, shareConfident, frechetDistance, readAsAsked } = result.figures;
            return [
              <Fragment key={requestId}>
                <UnstyledButton
                  className={classes.row}
                  aria-pressed={evaluation === shown}
                  onClick={() => store.setState({ shownId: requestId, ...OTHER_SAMPLES })}
                >
                  {measuredName(evaluation, { run, stored })}
                </UnstyledButton>
                {result.dataset.id !== DEFAULT_DATASET && (
                  <Text
                    span
                    display="block"
                    inherit
                    c="dimmed"
                    style={{ overflowWrap: "anywhere" }}
                  >
                    compared with {result.dataset.name}
                  </Text>
                )}
              </Fragment>,
              ...(hasGuidance ? [readAsAsked === undefined ? "–" : formatShare(readAsAsked)] : []),
              meanConfidence.toFixed(3),
              formatShare(shareConfident),
              frechetWords(frechetDistance),
              formatCount(count),
              <span key="sampler" style={{ whiteSpace: "normal" }}>
                {samplerWords(evaluation)}
              </span>,
              stepsWords(sampler),
              ...(hasGuidance ? [guidance ?? "–"] : []),
              seed,
            ];
          })}
        />
      </div>
    </section>
  );
}
