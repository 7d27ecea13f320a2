import {
  Button,
  CloseButton,
  Group,
  NativeSelect,
  SegmentedControl,
  Slider,
  Stack,
  Text,
} from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { isSameNetwork } from "../../../../engine/config/network.ts";
import { className, type Noun } from "../../../../engine/data/datasets.ts";
import { samplerEntry } from "../../../../engine/diffusion/samplers.ts";
import { gridColumns } from "../../../../engine/formats/pictures/imageGrid.ts";
import type { BlockLook } from "../../../../engine/nn/blockLook.ts";
import { capitalized, counted, stepsSuffix, withArticle } from "../../../../runtime/format.ts";
import type { LookEvent } from "../../../../runtime/run/samplingProtocol.ts";
import { readSampling } from "../../../../runtime/sampling/sampling.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { Explain } from "../../../shared/explain/Explain.tsx";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import { configOf } from "../../../shared/network/chosenNetwork.ts";
import { useNaming, useNounOfSet } from "../../../shared/network/useNaming.ts";
import { useNetworks } from "../../../shared/network/useNetworks.ts";
import { formatTrained } from "../../../shared/network/weightsText.ts";
import { samplingReason } from "../../../state/actions.ts";
import { addressQuery, readParams } from "../../../state/address.ts";
import { goesOn, numSteps } from "../../../state/slices/run.ts";
import type { AppState } from "../../../state/state.ts";
import { isEmbedding } from "../blockWords.ts";
import type { BlockFigures } from "../networkFigures.ts";
import type { NetworkOwner } from "../shownNetwork.ts";
import { BlockNorms } from "./BlockNorms.tsx";
import {
  type Chosen,
  chosenAtFirst,
  type DrawnDigit,
  type LookedWith,
  lookOf,
  noiseAt,
} from "./chosen.ts";
import classes from "./Inside.module.css";
import { type Look, lookLoop } from "./lookLoop.ts";
import { PixelSlider } from "./PixelSlider.tsx";
import { asLargeAsDigits, attentionPictures, positionOf } from "./pictures.ts";

/** Width of a picture at its largest, in CSS pixels. */
const MAP_WIDTH = 112;

/** Share of the window's height below which too little of the panel would be seen. */
const MOST_SEEN = 0.7;

interface InsideProps {
  figures: BlockFigures;
  /** Settings of the network that is drawn, which may be another than the one that is sampled. */
  config: RunConfig;
  onClose: () => void;
}

/** What a block makes of a digit: its feature maps, and what one of its pixels attends to. */
export function Inside({ figures, config, onClose }: InsideProps) {
  const { block } = figures;
  const panel = useRef<HTMLElement>(null);
  // On a phone it is below the drawing, where the block was clicked.
  // biome-ignore lint/correctness/useExhaustiveDependencies: again for each block
  useEffect(() => {
    const { top = 0 } = panel.current?.getBoundingClientRect() ?? {};
    if (top > MOST_SEEN * window.innerHeight) panel.current?.scrollIntoView();
  }, [block.name]);
  const networks = useNetworks();
  const backendReason = useAppState((state) => samplingReason(state));
  const sampled = configOf({ kind: "current" }, networks) ?? config;
  const where = useAppState((state) => whereShown(sampled, state));
  const { noun } = useNaming();
  const reason = isEmbedding(block)
    ? "This block sees no images: it makes a vector that steers every ResNet block."
    : isSameNetwork(sampled, config)
      ? backendReason
      : otherNetworkWords(where, noun);
  return (
    <section ref={panel} className={`column ${classes.panel}`} aria-label="Inside the block">
      <Group gap={6} wrap="nowrap">
        <h3>
          Inside <code>{block.name}</code>
        </h3>
        <Explain note="inside" />
        <CloseButton size="sm" ms="auto" aria-label="Close the look inside" onClick={onClose} />
      </Group>
      {reason ? <Text size="sm">{reason}</Text> : <Seen figures={figures} config={sampled} />}
      <BlockNorms block={block.name} config={config} />
    </section>
  );
}

/** Under which choice of Network a network is. */
function whereShown(network: RunConfig, { run, config }: AppState): NetworkOwner | null {
  if (run !== null && isSameNetwork(run.config, network)) return "run";
  return isSameNetwork(config, network) ? "settings" : null;
}

function Seen({ figures, config }: { figures: BlockFigures; config: RunConfig }) {
  const { block, sizeOut } = figures;
  const [chosen, setChosen] = useState(() => chosenAtFirst(addressQuery(), config.classes));
  const change = (changes: Partial<Chosen>) => setChosen((before) => ({ ...before, ...changes }));
  const attends = block.kind === "fullAttention" || block.kind === "linearAttention";
  const numReal = useAppState(({ dataset }) => dataset.current?.unseenLabels.length ?? 0);
  const [{ network: _, ...sampling }] = useState(() => readParams("drawA"));
  const runGoesOn = useAppState(({ run }) => goesOn(run));
  const how = { config, sampling, numReal, runGoesOn };
  const { look, last, at } = lookOf(chosen, how);
  const position = attends ? positionOf(chosen.pixel, sizeOut) : null;
  const { seen: event, isAnswer, error } = useLook({ ...look, block: block.name, position });
  const isReal = look.digit.kind === "real";
  const naming = useNaming();
  const ofSet = useNounOfSet();
  const noun = isReal ? ofSet : naming.noun;
  // While a step is drawn, the picture is of the one before.
  const drawnT = event && isAnswer ? event.t : null;
  const t = look.digit.kind === "real" ? look.digit.t : drawnT;
  const words = isReal ? "Noise" : `Step ${at + 1} of ${last + 1}`;
  return (
    <>
      <SegmentedControl
        aria-label={capitalized(ofSet)}
        data={[
          { value: "real", label: `A real ${ofSet}, with noise` },
          { value: "drawn", label: `${capitalized(withArticle(naming.noun))} being drawn` },
        ]}
        value={chosen.kind}
        onChange={(kind) => change({ kind })}
      />
      <Group gap="sm" wrap="nowrap" align="start">
        <div style={{ position: "relative", flex: "none", width: 112 }}>
          <ImageGrid
            pixels={event?.pixels ?? NOTHING}
            label="The noisy image that the network sees"
          />
          {attends && (
            <PixelSlider
              pixel={chosen.pixel}
              size={sizeOut}
              onChange={(pixel) => change({ pixel })}
            />
          )}
        </div>
        <Stack gap={6} flex={1} miw={0}>
          <Text size="xs" aria-hidden={last > 0}>
            {words}, t = {t ?? "…"}
          </Text>
          {/* With a single step there is nothing to choose. */}
          {last > 0 && (
            <Slider
              size="sm"
              max={last}
              value={at}
              thumbLabel={isReal ? "Timestep" : "Denoising step"}
              thumbValueText={t === null ? words : `${words}, t = ${t}`}
              onChange={(to) => change({ noise: noiseAt(chosen.kind, to / last) })}
            />
          )}
          {!isReal && config.classes > 0 && (
            <NativeSelect
              label="Ask for"
              data={[
                { value: "", label: "No label" },
                ...Array.from({ length: config.classes }, (_, i) => ({
                  value: String(i),
                  label: className(naming, i),
                })),
              ]}
              value={chosen.label ?? ""}
              onChange={({ currentTarget: { value } }) =>
                change({ label: value === "" ? null : Number(value) })
              }
            />
          )}
          <Button
            onClick={() => change(isReal ? { index: chosen.index + 1 } : { seed: chosen.seed + 1 })}
          >
            Another {noun}
          </Button>
          {attends && (
            <Text size="xs" c="dimmed">
              Click a pixel of the {noun} to see what it attends to.
            </Text>
          )}
        </Stack>
      </Group>
      {look.digit.kind === "drawn" && (
        <Text size="xs" c="dimmed">
          {drawnWords(look.digit, how)}
        </Text>
      )}
      {(error || event?.block !== block.name) && (
        <Text size="sm" role="status">
          {error ?? "Looking…"}
        </Text>
      )}
      {event && <Pictures event={event} isOld={event.block !== block.name} />}
    </>
  );
}

const NOTHING = new Uint8Array();

type BlockSeen = Extract<LookEvent, { type: "blockSeen" }>;

function Pictures({ event, isOld }: { event: BlockSeen; isOld: boolean }) {
  const { seen, block, trainedSteps } = event;
  const { maps, size, attention } = seen;
  const pixels = useMemo(() => asLargeAsDigits(maps, size), [maps, size]);
  const attended = useMemo(
    () => attention && attentionPictures(attention, size),
    [attention, size],
  );
  const count = maps.length / size ** 2;
  return (
    <Stack gap="xs" className={classes.pictures ?? ""} data-old={isOld || undefined}>
      {attended && (
        <div>
          <ImageGrid
            pixels={attended.pixels}
            count={attended.memoryShares.length}
            columns={attended.memoryShares.length}
            label={attentionLabel(block)}
            style={{ maxWidth: MAP_WIDTH * attended.memoryShares.length }}
          />
          <Text size="xs" c="dimmed" mt={2}>
            {attentionWords(attended.memoryShares)}
          </Text>
        </div>
      )}
      <ImageGrid
        pixels={pixels}
        count={count}
        columns={gridColumns(count)}
        label={`Feature maps of ${block}`}
        style={{ maxWidth: MAP_WIDTH * gridColumns(count) }}
      />
      <Text size="xs" c="dimmed">
        {mapsWords(seen)} {trainedSteps !== null && `Seen ${formatTrained(trainedSteps)}.`}
      </Text>
    </Stack>
  );
}

/** Changes when there is another network to look at. */
function nameOf({ run, weights }: AppState): string {
  const atRest = `${run?.runId} ${run && numSteps(run)}`;
  const trained = goesOn(run) ? "training" : atRest;
  return weights.loaded ? `file ${weights.loaded.fileName}` : trained;
}

interface Answer {
  /** The look that was answered, as JSON. */
  look: string;
  seen: BlockSeen | null;
  error: string | null;
}

/**
 * Looks again whenever something else is wanted, and while a run trains every two seconds or more, see `lookLoop`. Says the newest that
 * was seen, and whether that is what is wanted now.
 */
function useLook(look: Look): Omit<Answer, "look"> & { isAnswer: boolean } {
  const { store, client } = useApp();
  const network = useAppState(nameOf);
  const dataset = useAppState((state) => state.dataset.current);
  const [answer, setAnswer] = useState<Answer>({ look: "", seen: null, error: null });
  const [loop] = useState(() =>
    lookLoop({
      send: client.look,
      runGoesOn: () => goesOn(store.getState().run),
      isHidden: () => document.hidden,
      onAnswer: (outcome, of) =>
        setAnswer((before) => ({
          look: JSON.stringify(of),
          ...(outcome.status === "done"
            ? { seen: outcome.end, error: null }
            : { seen: before.seen, error: outcome.status === "failed" ? outcome.message : null }),
        })),
    }),
  );
  const wanted = JSON.stringify(look);
  useEffect(() => {
    loop.want({ look: JSON.parse(wanted), network, dataset });
  }, [loop, wanted, network, dataset]);
  useEffect(() => {
    document.addEventListener("visibilitychange", loop.go);
    return () => {
      document.removeEventListener("visibilitychange", loop.go);
      loop.end();
    };
  }, [loop]);
  return { ...answer, isAnswer: answer.look === wanted };
}

/** @param where the network is shown that draws the digits; null where it is not */
function otherNetworkWords(where: NetworkOwner | null, noun: Noun): string {
  const choice = where === "run" ? "Run" : "Settings";
  const remedy = where === null ? "" : ` Choose ${choice} above to look inside that one.`;
  return `${capitalized(noun)}s are drawn with another network than the one shown.${remedy}`;
}

/** `Drawn as chosen in Draw: DDIM, 50 steps even in log-SNR, η = 0.5, guidance 2.` */
export function drawnWords(
  { sampler, condition }: Pick<DrawnDigit, "sampler" | "condition">,
  { config, sampling }: Pick<LookedWith, "config" | "sampling">,
): string {
  const numSteps = sampler.timesteps ?? config.timesteps;
  const { label, numPasses } = samplerEntry(sampler.kind, config.objective);
  const suffix = stepsSuffix(sampler, numSteps, numPasses(numSteps, true));
  const eta = sampler.eta ? `, η = ${sampler.eta}` : "";
  const isAsked = condition?.labels.some((label) => label !== null);
  const guidance = isAsked ? `, guidance ${condition?.guidance}` : "";
  const chosen = readSampling(sampling, { config }).values?.sampler ?? null;
  const isShorter = chosen !== null && (chosen.timesteps ?? config.timesteps) > numSteps;
  const how = isShorter
    ? `While a run trains, ${numSteps} steps at most`
    : chosen && "Drawn as chosen in Draw";
  return `${how ?? "Drawn in the usual way"}: ${label}, ${counted(numSteps, "step")}${suffix}${eta}${guidance}.`;
}

/** `64 of 160 feature maps of 14×14, …` */
function mapsWords({ maps, ranges, size, numChannels }: BlockLook): string {
  const numMaps = maps.length / size ** 2;
  const count = numMaps < numChannels ? `The first ${numMaps} of ${numChannels}` : `${numChannels}`;
  const [least, most] = [Math.min(...ranges), Math.max(...ranges)].map((value) =>
    value.toFixed(2).replace("-", "−"),
  );
  const [are, each] = numChannels === 1 ? ["feature map", "it is"] : ["feature maps", "each is"];
  return `${count} ${are} of ${size}×${size}: ${each} scaled from its lowest value, black, to its highest, white. All values are from ${least} to ${most}.`;
}

/** @param memoryShares of each head, 0 to 1 */
function attentionWords(memoryShares: readonly number[]): string {
  const shares = memoryShares.map((share) => `${Math.round(100 * share)} %`).join(", ");
  const [picture, byHead] =
    memoryShares.length === 1
      ? ["White", ""]
      : ["A picture for each head. White", ", head by head"];
  return `${picture} is where the pixel looks most. The learned memories take ${shares} of its attention${byHead}.`;
}

function attentionLabel(block: string): string {
  return `Attention of the pixel in ${block}`;
}
