import { Button, Group, Text } from "@mantine/core";
import { useCallback, useEffect, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { messageOf } from "../../../../engine/messageOf.ts";
import { firstFewQuoted } from "../../../../engine/shortenedText.ts";
import { counted, formatBytes } from "../../../../runtime/format.ts";
import {
  deleteKeptSet,
  filesOfKeptSet,
  type KeptSet,
  keptSets,
} from "../../../../runtime/storage/keptSets.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { formatAgo } from "../../../shared/runs/when.ts";
import { openFiles } from "../../../state/client/datasetLoader.ts";
import { isReadable } from "../../../state/slices/storedRuns.ts";
import type { AppState } from "../../../state/state.ts";
import { SaveSet } from "./SaveSet.tsx";

/** The sets that are kept in this browser, to be used again or deleted, and the one in use where it is not kept yet. */
export function KeptSets() {
  const { client } = useApp();
  const [sets, setSets] = useState<readonly KeptSet[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const current = useAppState(({ dataset }) => dataset.current);
  const list = useCallback(
    () => keptSets().then(setSets, (error) => setProblem(messageOf(error))),
    [],
  );
  useEffect(() => void list(), [list]);

  const use = async (set: KeptSet) => {
    const files = await filesOfKeptSet(set).catch(() => null);
    if (!files) return setProblem(`“${set.dataset.name}” is no longer there.`);
    const loading = client.loadMade(set.dataset, files, false);
    client.closeImages();
    await loading;
  };
  const remove = async (set: KeptSet) => {
    await deleteKeptSet(set).catch((error) => setProblem(messageOf(error)));
    await list();
  };
  const files = client.imageFiles();
  const isKept = sets.some(({ checksum }) => checksum === current?.checksum);
  return (
    <>
      {problem && (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {problem}
        </Text>
      )}
      {sets.length > 0 && (
        <section aria-label="Sets kept in this browser">
          <Text size="xs" fw={600} mb={4}>
            Kept in this browser
          </Text>
          {sets.map((set) => (
            <KeptSetRow
              key={set.checksum}
              set={set}
              onUse={() => use(set)}
              onDelete={() => remove(set)}
              onProblem={setProblem}
            />
          ))}
        </section>
      )}
      {current && files.length > 0 && !isKept && (
        <Group gap="xs">
          <Text size="sm">{current.name} is in use.</Text>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => client.keepImages().then(list)}
          >
            Keep it in this browser ({formatBytes(files.reduce((sum, { size }) => sum + size, 0))})
          </Button>
          <SaveSet dataset={current} open={client.openImages} onProblem={setProblem} />
        </Group>
      )}
    </>
  );
}

/** The names of the runs that were trained on a set. */
function runsOf({ stored }: AppState, { checksum, pixelChecksum }: KeptSet): string[] {
  const runs = (stored.runs ?? []).filter(isReadable);
  const areOfSet = runs.filter(({ dataset }) =>
    [checksum, pixelChecksum].includes(dataset.checksum),
  );
  return areOfSet.map(({ name }) => name);
}

interface KeptSetRowProps {
  set: KeptSet;
  onUse: () => void;
  onDelete: () => void;
  onProblem: (message: string) => void;
}

function KeptSetRow({ set, onUse, onDelete, onProblem }: KeptSetRowProps) {
  const { dataset, numImages, numBytes, keptMs } = set;
  const [isSaving, setIsSaving] = useState(false);
  const [isAsking, setIsAsking] = useState(false);
  const runs = useAppState(useShallow((state) => runsOf(state, set)));
  if (isAsking) {
    const needed =
      runs.length > 0
        ? ` ${firstFewQuoted(runs)} ${runs.length === 1 ? "was" : "were"} trained on it, and can go on only with the same images.`
        : "";
    return (
      <Group gap="xs" mb={4} component="fieldset" aria-label={`Delete ${dataset.name}?`}>
        <Text size="sm" role="status">
          Delete “{dataset.name}” from this browser?{needed}
        </Text>
        <Button size="compact-xs" variant="filled" color="red" onClick={onDelete}>
          Delete
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => setIsAsking(false)} autoFocus>
          Keep
        </Button>
      </Group>
    );
  }
  return (
    <Group gap="xs" mb={4}>
      <Text size="sm">
        {dataset.name}{" "}
        <Text span size="xs" c="dimmed">
          {counted(numImages, "image")}, {formatBytes(numBytes)}, kept{" "}
          {formatAgo(keptMs, Date.now())}
        </Text>
      </Text>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`Use ${dataset.name}`}
        onClick={onUse}
      >
        Use
      </Button>
      <SaveSet
        dataset={dataset}
        open={async () => openFiles((await filesOfKeptSet(set)) ?? [])}
        onProblem={onProblem}
        onSaving={setIsSaving}
      />
      <Button
        size="compact-xs"
        variant="subtle"
        aria-label={`Delete ${dataset.name}`}
        disabled={isSaving}
        onClick={() => setIsAsking(true)}
      >
        Delete
      </Button>
    </Group>
  );
}
