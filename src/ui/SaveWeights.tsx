import { Anchor, Button, SegmentedControl, Stack, Text } from "@mantine/core";
import { useId, useState } from "react";
import { formatsOf, RUN_FORMATS } from "../formats/runFormats.ts";
import { hasAverage, isTrained, sampledFile } from "../store/sampledNetwork.ts";
import type { SaveRequest } from "../worker/protocol.ts";
import type { WeightsChoice } from "../worker/samplingProtocol.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { Popup } from "./Popup.tsx";
import { WEIGHTS_CHOICES } from "./weightsChoices.ts";

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
