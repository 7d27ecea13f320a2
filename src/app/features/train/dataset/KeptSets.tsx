import { Button, Group, Text } from "@mantine/core";
import { useCallback, useEffect, useState } from "react";
import { messageOf } from "../../../../engine/messageOf.ts";
import { counted, formatBytes } from "../../../../runtime/format.ts";
import {
  deleteKeptSet,
  filesOfKeptSet,
  type KeptSet,
  keptSets,
} from "../../../../runtime/storage/keptSets.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { openFiles } from "../../../state/client/datasetLoader.ts";
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
            <Group key={set.checksum} gap="xs" mb={4}>
              <Text size="sm">
                {set.dataset.name}{" "}
                <Text span size="xs" c="dimmed">
                  {counted(set.numImages, "image")}, {formatBytes(set.numBytes)}
                </Text>
              </Text>
              <Button
                size="compact-xs"
                variant="default"
                aria-label={`Use ${set.dataset.name}`}
                onClick={() => use(set)}
              >
                Use
              </Button>
              <SaveSet
                dataset={set.dataset}
                open={async () => openFiles((await filesOfKeptSet(set)) ?? [])}
                onProblem={setProblem}
              />
              <Button
                size="compact-xs"
                variant="subtle"
                aria-label={`Delete ${set.dataset.name}`}
                onClick={() => remove(set)}
              >
                Delete
              </Button>
            </Group>
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
