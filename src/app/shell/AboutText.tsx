import { Anchor, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useApp, useAppState } from "../shared/AppContext.ts";
import { CopyButton } from "../shared/parts/CopyButton.tsx";
import { LinkButton } from "../shared/parts/LinkButton.tsx";
import { writeParams } from "../state/address.ts";
import { formatBackend, formatDeviceReport } from "./backend.ts";
import { ColorSchemeButton } from "./ColorSchemeButton.tsx";

/** @param popupId of the popup that it stands in */
export default function AboutText({ popupId }: { popupId: string }) {
  const { store } = useApp();
  const backend = useAppState((state) => state.backend);
  const { name, device } = formatBackend(backend);
  const showFirstSteps = () => {
    store.setState(({ run }) => ({ view: "train", firstStep: run === null ? 0 : 1 }));
  };
  const showLessons = () => store.setState({ view: "lessons" });
  const close = { popoverTarget: popupId, popoverTargetAction: "hide" } as const;
  return (
    <Stack gap="xs">
      <Text size="sm">
        This page trains a neural network to draw digits, on your own computer. Each training step
        mixes noise into real digits and asks the network to tell the two apart; the loss is how
        wrong it is. To draw, it starts from pure noise and takes a little of it away, step by step,
        until a digit is left.
      </Text>
      <Text size="sm">
        Press Train. The curve falls, and every so often the same noise is denoised again, so you
        see the digits become clearer. The slider under the digits goes back through the steps.
        Networks with the presets Quick, Medium and Laptop also learn the labels, so you can ask
        them for a digit of your choice. Nothing you do here leaves your computer.
      </Text>
      <LinkButton size="sm" ta="start" {...close} onClick={showFirstSteps}>
        Show the first steps again
      </LinkButton>
      <LinkButton size="sm" ta="start" {...close} onClick={showLessons}>
        Try an experiment in Lessons
      </LinkButton>
      <LinkButton
        size="sm"
        ta="start"
        title="Evolution, Draw and the loss alone, large and dark; Escape leaves it"
        {...close}
        onClick={() => writeParams("page", { present: true })}
      >
        Present on a projector
      </LinkButton>
      <ColorSchemeButton />
      <Group gap="xs">
        {backend.status === "ready" && (
          <Text size="sm">
            This page computes with {name}
            {device && ` (${device})`}.
          </Text>
        )}
        <CopyButton label="Copy for a bug report" text={formatDeviceReport(backend)} />
      </Group>
      <Text size="xs" c="dimmed">
        After the course assignment “Diffusion MNIST”, built on{" "}
        <Source href="https://github.com/lucidrains/denoising-diffusion-pytorch">
          denoising_diffusion_pytorch
        </Source>{" "}
        by lucidrains. Method:{" "}
        <Source href="https://arxiv.org/abs/2006.11239">Ho et al. 2020</Source>,{" "}
        <Source href="https://arxiv.org/abs/2010.02502">Song et al. 2021</Source> (DDIM),{" "}
        <Source href="https://arxiv.org/abs/2202.00512">Salimans and Ho 2022</Source>{" "}
        (v-prediction), <Source href="https://arxiv.org/abs/2210.02747">Lipman et al. 2023</Source>{" "}
        and <Source href="https://arxiv.org/abs/2209.03003">Liu et al. 2023</Source> (flow
        matching), <Source href="https://arxiv.org/abs/2207.12598">Ho and Salimans 2022</Source>{" "}
        (guidance),{" "}
        <Source href="https://arxiv.org/abs/2105.05233">Dhariwal and Nichol 2021</Source> (label
        embedding), <Source href="https://arxiv.org/abs/2211.01095">Lu et al. 2022</Source>{" "}
        (DPM-Solver++), <Source href="https://arxiv.org/abs/2206.00364">Karras et al. 2022</Source>{" "}
        (Heun). Images: MNIST by LeCun, Cortes and Burges,{" "}
        <Source href="https://creativecommons.org/licenses/by-sa/3.0/">CC BY-SA 3.0</Source>.
      </Text>
    </Stack>
  );
}

function Source({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Anchor underline="always" href={href} target="_blank" rel="noreferrer" size="xs">
      {children}
    </Anchor>
  );
}
