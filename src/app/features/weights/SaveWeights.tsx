import { Anchor, Button, SegmentedControl, Stack, Text } from "@mantine/core";
import { useId, useState } from "react";
import type { SaveRequest } from "../../../hosts/worker/protocol.ts";
import { formatsOf, RUN_FORMATS } from "../../../runtime/files/runFormats.ts";
import type { WeightsChoice } from "../../../runtime/run/samplingProtocol.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { WEIGHTS_CHOICES } from "../../shared/network/weightsChoices.ts";
import { Popup } from "../../shared/parts/Popup.tsx";
import { hasAverage, isTrained, sampledFile } from "../../state/slices/sampledNetwork.ts";

/** Downloads the network that digits are drawn from: which weights, and in which format. */
export function SaveWeights() {
  const { client } = useApp();
  const hasNetwork = useAppState(isTrained);
  const isAveraged = useAppState(hasAverage);
  const fileName = useAppState(sampledFile);
  const [weights, setWeights] = useState<WeightsChoice>("ema");
  const [format, setFormat] = useState<SaveRequest["format"]>("float32");
  const id = useId();
  return (
    <>
      <Anchor
        component="button"
        type="button"
        size="xs"
        aria-label="Save weights"
        disabled={!hasNetwork}
        title={hasNetwork ? "For PyTorch, TensorFlow.js, or this page" : "Nothing is trained yet"}
        popoverTarget={id}
      >
        Save…
      </Anchor>
      <Popup id={id}>
        <Stack gap="xs">
          <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
            Save the weights of {fileName ?? "the run"}
          </Text>
          {isAveraged && (
            <SegmentedControl
              fullWidth
              size="xs"
              aria-label="Weights to save"
              data={WEIGHTS_CHOICES}
              value={weights}
              onChange={setWeights}
            />
          )}
          <SegmentedControl
            fullWidth
            size="xs"
            aria-label="Format"
            data={formatsOf("weights").map(({ id, label }) => ({ value: id, label }))}
            value={format}
            onChange={setFormat}
          />
          <Text size="xs" c="dimmed">
            {RUN_FORMATS[format].help}
          </Text>
          <Button
            size="xs"
            popoverTarget={id}
            popoverTargetAction="hide"
            onClick={() => client.saveWeights({ weights, format })}
          >
            Download
          </Button>
        </Stack>
      </Popup>
    </>
  );
}
