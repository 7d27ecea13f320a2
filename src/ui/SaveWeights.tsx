import { Anchor, Button, SegmentedControl, Stack, Text } from "@mantine/core";
import { useId, useState } from "react";
import { hasAverage, isTrained, sampledFile } from "../store/sampledNetwork.ts";
import type { SaveRequest, WeightsChoice } from "../worker/protocol.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { Popup } from "./Popup.tsx";
import classes from "./Weights.module.css";
import { WEIGHTS_CHOICES } from "./weightsChoices.ts";

const FORMATS: { value: SaveRequest["format"]; label: string }[] = [
  { value: "float32", label: "float32" },
  { value: "float16", label: "float16" },
  { value: "tfjs", label: "TensorFlow.js" },
];

const EXPLANATIONS = {
  float32: "One safetensors file, exact. For PyTorch, and to load here again.",
  float16:
    "One safetensors file of half the size, rounded to three digits. For PyTorch, and to load here again.",
  tfjs: "A model.json and the .bin that belongs beside it, for tf.io.",
} as const satisfies Record<SaveRequest["format"], string>;

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
          <Text size="sm" fw={600} className={classes.fileName}>
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
            data={FORMATS}
            value={format}
            onChange={setFormat}
          />
          <Text size="xs" c="dimmed">
            {EXPLANATIONS[format]}
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
