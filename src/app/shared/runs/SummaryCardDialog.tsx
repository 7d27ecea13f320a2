import { Box, Button, Group, Stack, Text } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { plainFileName } from "../../../engine/formats/plainFileName.ts";
import { messageOf } from "../../../engine/messageOf.ts";
import { saveFile } from "../../state/saveFile.ts";
import type { ReadableRun } from "../../state/slices/storedRuns.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { requireReadableCanvas } from "../images/readableCanvas.ts";
import { CopyButton } from "../parts/CopyButton.tsx";
import { ModalDialog } from "../parts/ModalDialog.tsx";
import { standing } from "./runFacts.ts";
import { type CardHistory, formatSummaryCard, summaryCard } from "./summaryCard.ts";
import { CARD_SIZE, paintSummaryCard } from "./summaryCardPicture.ts";

const NO_HISTORY: CardHistory = { steps: [], epochs: [], snapshots: [] };

/** What a run took and reached, as text to copy and as a picture. */
export default function SummaryCardDialog({
  run,
  onClose,
}: {
  run: ReadableRun;
  onClose: () => void;
}) {
  const { store } = useApp();
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const { history, problem } = useHistory(run.runId);
  const [failure, setFailure] = useState<string | null>(null);
  const card = useMemo(() => {
    const { run: live, evaluation } = store.getState();
    return summaryCard({
      run: standing(run, live),
      history: history ?? NO_HISTORY,
      evaluations: evaluation.done,
      pageUrl: window.location.origin + window.location.pathname,
    });
  }, [store, run, history]);
  const text = formatSummaryCard(card);
  const isReading = history === null && problem === null;
  useEffect(() => {
    if (canvasRef.current) paintSummaryCard(canvasRef.current, card);
  }, [card]);

  const save = async () => {
    try {
      requireReadableCanvas();
      const blob = await new Promise<Blob | null>((resolve) => canvasRef.current?.toBlob(resolve));
      if (!blob) throw new Error("The browser made no picture of it. Copy the text instead.");
      const bytes = new Uint8Array(await blob.arrayBuffer());
      saveFile({ fileName: `${plainFileName(run.name)}-card.png`, bytes });
      setFailure(null);
    } catch (error) {
      setFailure(messageOf(error));
    }
  };
  return (
    <ModalDialog title="Summary card" width={760} onClose={onClose}>
      <Stack gap="sm">
        <canvas
          ref={canvasRef}
          {...CARD_SIZE}
          role="img"
          aria-label={`Summary card of “${run.name}”`}
          style={{
            width: "100%",
            height: "auto",
            border: "1px solid var(--line)",
            borderRadius: 6,
          }}
        />
        <Group gap="xs">
          <CopyButton label="Copy text" text={text} />
          <Button size="xs" disabled={isReading} onClick={save}>
            Save PNG
          </Button>
        </Group>
        <Text size="sm" role="status" c="dimmed">
          {isReading && "Reading the run…"}
          {problem !== null && `Its history is missing on the card. ${problem}`}
        </Text>
        {failure !== null && (
          <Text size="sm" role="alert" c="var(--mantine-color-error)">
            {failure}
          </Text>
        )}
        <Box
          component="pre"
          m={0}
          p="sm"
          fz="xs"
          className="box"
          style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}
          role="group"
          aria-label="The card as text"
        >
          {text}
        </Box>
      </Stack>
    </ModalDialog>
  );
}

/** The history of the run on the page, as it was when the card was opened, or of a stored one, as the worker reads it. */
function useHistory(runId: string): { history: CardHistory | null; problem: string | null } {
  const { store, client } = useApp();
  const isLive = useAppState(({ run }) => run?.runId === runId);
  const hasWorker = useAppState(({ backend }) => backend.status !== "failed");
  const [read, setRead] = useState<CardHistory | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (isLive) {
      const { run, evolution } = store.getState();
      const snapshots = evolution.runId === runId ? evolution.snapshots : [];
      if (run) setRead({ steps: run.steps, epochs: run.epochs, snapshots });
      return;
    }
    let isOpen = true;
    void client.readRun(runId).done.then((outcome) => {
      if (!isOpen) return;
      if (outcome.status === "done") setRead(outcome.end);
      if (outcome.status === "failed") setProblem(outcome.message);
    });
    return () => {
      isOpen = false;
    };
  }, [store, client, runId, isLive]);
  const noWorker = read || hasWorker ? null : "Reload the page to read it.";
  return { history: read, problem: problem ?? noWorker };
}
