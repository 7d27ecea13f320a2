import { Button, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { namingOf } from "../../../engine/data/datasets.ts";
import { takesPoints } from "../../../engine/nn/architectures.ts";
import { drawingProblem, type ReportChoices } from "../../../runtime/files/reportChoices.ts";
import { formatBytes } from "../../../runtime/format.ts";
import type { Evaluation } from "../../state/slices/evaluation.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { ModalDialog } from "../parts/ModalDialog.tsx";
import { formatMeasured, newestMeasurement } from "./summaryCard.ts";

/** What a run's web page says, and whether digits or points can be drawn on it. Make the page begins the download. */
export default function PageDialog({ runId, onClose }: { runId: string; onClose: () => void }) {
  const { client } = useApp();
  const run = useAppState(({ stored, run }) => {
    const kept = stored.runs?.find((of) => of.runId === runId);
    return kept && "config" in kept ? kept : run?.runId === runId ? run : null;
  });
  const evaluation = useAppState(({ evaluation }) => newestMeasurement(runId, evaluation.done));
  const [title, setTitle] = useState(run?.name ?? "");
  const [text, setText] = useState("");
  const [isChosen, setIsChosen] = useState(true);
  const problem = run && drawingProblem(run.config);
  const isOfPoints = run !== null && takesPoints(run.config);
  const samples = isOfPoints ? "points" : `${run ? namingOf(run.dataset).noun : "digit"}s`;
  const numParameters = run && ("size" in run ? run.size?.numParameters : run.numParameters);
  // Two bytes each, and four characters for three of them.
  const size = numParameters ? `, ${formatBytes((numParameters * 2 * 4) / 3)}` : "";
  return (
    <ModalDialog title="Web page" width={520} onClose={onClose}>
      <Stack
        component="form"
        gap="sm"
        onSubmit={(event) => {
          event.preventDefault();
          const hasWeights = isChosen && !problem;
          client.exportRun(runId, "page", { title, text, hasWeights, ...measuredOf(evaluation) });
          onClose();
        }}
      >
        <Text size="sm" lh={1.4}>
          One .html file with the run's curves, {samples} and evolution. It loads nothing else: open
          it from your disk, send it, or show it in a frame on your own page.
        </Text>
        <TextInput
          label="Title"
          placeholder={run?.name ?? ""}
          maxLength={200}
          value={title}
          onChange={({ currentTarget }) => setTitle(currentTarget.value)}
        />
        <Textarea
          label="Text"
          description="What you tried, and what to look at. An empty line starts a new paragraph."
          rows={5}
          maxLength={20_000}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <Switch
          label={`Include the network${size}, so that readers ${isOfPoints ? "see points flow" : `can draw ${samples}`}`}
          checked={isChosen && !problem}
          disabled={problem !== null}
          onChange={({ currentTarget }) => setIsChosen(currentTarget.checked)}
        />
        {problem && (
          <Text size="xs" c="dimmed">
            This network cannot run in a web page: {problem}
          </Text>
        )}
        {!isOfPoints && (
          <Text size="xs" c="dimmed">
            {evaluation
              ? `The page shows what Quality measured: ${formatMeasured(evaluation)}.`
              : "Measure its samples in Quality first, and the page will show the figures."}
          </Text>
        )}
        <Button type="submit" size="xs" variant="filled" style={{ alignSelf: "start" }}>
          Make the page
        </Button>
      </Stack>
    </ModalDialog>
  );
}

function measuredOf(evaluation: Evaluation | null): Pick<ReportChoices, "measured"> {
  if (!evaluation) return {};
  const { figures, real, frechetFloor, testMedianDistance, dataset } = evaluation.result;
  const measured = { figures, real, frechetFloor, testMedianDistance, dataset };
  return { measured: { words: formatMeasured(evaluation), ...measured } };
}
