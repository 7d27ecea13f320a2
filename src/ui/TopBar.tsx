import { Group, Title } from "@mantine/core";
import { AboutPage } from "./AboutPage.tsx";
import { BackendChoice } from "./BackendChoice.tsx";
import { BenchmarkButton } from "./BenchmarkButton.tsx";
import { ColorSchemeButton } from "./ColorSchemeButton.tsx";
import { RunsButton } from "./RunsButton.tsx";
import { ShareButton } from "./ShareButton.tsx";
import classes from "./TopBar.module.css";
import { ViewTabs } from "./ViewTabs.tsx";

export function TopBar() {
  return (
    <header className={classes.bar}>
      <Group gap="xs" wrap="nowrap">
        <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width={22} height={22} />
        <Title order={1} size="h5" className={classes.name}>
          Diffusion MNIST
        </Title>
      </Group>
      <ViewTabs />
      <Group gap={4} ml="auto" wrap="nowrap" miw={0}>
        <BackendChoice />
        <RunsButton />
        <ShareButton />
        <BenchmarkButton />
        <AboutPage />
        <ColorSchemeButton />
      </Group>
    </header>
  );
}
