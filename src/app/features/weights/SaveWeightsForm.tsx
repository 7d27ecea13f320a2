import { Button, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { SaveRequest } from "../../../hosts/worker/protocol.ts";
import { formatsOf, RUN_FORMATS } from "../../../runtime/files/runFormats.ts";
import type { WeightsChoice } from "../../../runtime/run/samplingProtocol.ts";
import { useAppState } from "../../shared/AppContext.ts";
import { formatFile, WEIGHTS_CHOICES } from "../../shared/network/weightsText.ts";
import { useAction } from "../../shared/useAction.ts";
import { ACTIONS } from "../../state/actions.ts";
import { hasAverage, sampledFile } from "../../state/slices/sampledNetwork.ts";

/**
 * Which weights are downloaded, and in which format.
 *
 * @param props.popupId of the popup that it stands in
 */
export default function SaveWeightsForm({ popupId }: { popupId: string }) {
  const isAveraged = useAppState(hasAverage);
  const fileName = useAppState(sampledFile);
  const [weights, setWeights] = useState<WeightsChoice>("ema");
  const [format, setFormat] = useState<SaveRequest["format"]>("float32");
  const save = useAction<[SaveRequest]>(ACTIONS.saveWeights, { weights, format });
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
        Save the weights of {fileName ? formatFile(fileName) : "the run"}
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
        popoverTarget={popupId}
        popoverTargetAction="hide"
      />
    </Stack>
  );
}
