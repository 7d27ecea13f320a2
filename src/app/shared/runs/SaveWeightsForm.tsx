import { Button, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { SaveRequest } from "../../../hosts/worker/protocol.ts";
import { formatsOf, RUN_FORMATS } from "../../../runtime/files/runFormats.ts";
import type { WeightsChoice } from "../../../runtime/run/samplingProtocol.ts";
import { ACTIONS } from "../../state/actions.ts";
import { hasAverage, sampledFile } from "../../state/slices/sampledNetwork.ts";
import { useAppState } from "../AppContext.ts";
import { formatFile, WEIGHTS_CHOICES } from "../network/weightsText.ts";
import { useAction } from "../useAction.ts";

/** Which weights of the page's network are downloaded, and in which format. */
export function SaveWeightsForm({ onSave }: { onSave: () => void }) {
  const isAveraged = useAppState(hasAverage);
  const fileName = useAppState(sampledFile);
  const [weights, setWeights] = useState<WeightsChoice>("ema");
  const [format, setFormat] = useState<SaveRequest["format"]>("float32");
  const { onClick, ...save } = useAction<[SaveRequest]>(ACTIONS.saveWeights, { weights, format });
  return (
    <Stack gap="xs" px={10} py={6}>
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        Weights of {fileName ? formatFile(fileName) : "the run"}
      </Text>
      {isAveraged && (
        <SegmentedControl
          fullWidth
          aria-label="Weights to save"
          data={WEIGHTS_CHOICES}
          value={weights}
          onChange={setWeights}
        />
      )}
      <SegmentedControl
        fullWidth
        aria-label="Format"
        data={formatsOf("weights").map(({ id, label }) => ({ value: id, label }))}
        value={format}
        onChange={setFormat}
      />
      <Text size="xs" c="dimmed">
        {RUN_FORMATS[format].help}
      </Text>
      <Button
        {...save}
        size="xs"
        variant="filled"
        onClick={(event) => {
          onClick(event);
          onSave();
        }}
      />
    </Stack>
  );
}
