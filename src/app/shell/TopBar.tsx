import {
  ActionIcon,
  Button,
  type ButtonProps,
  type ElementProps,
  Group,
  Text,
  TextInput,
} from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { lazy, type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { BenchmarkFigures } from "../features/benchmark/figures.ts";
import { useApp, useAppState } from "../shared/AppContext.ts";
import { GaugeIcon, ListIcon, ShareIcon } from "../shared/icons.tsx";
import { ErrorBoundary } from "../shared/parts/ErrorBoundary.tsx";
import { Popup } from "../shared/parts/Popup.tsx";
import { ViewLink } from "../shared/parts/ViewLink.tsx";
import { shareLink } from "../state/address.ts";
import { withoutSource } from "../state/slices/notices.ts";
import { hideList, showList } from "../state/slices/storedRuns.ts";
import { VIEW_LABELS, VIEWS } from "../state/slices/view.ts";
import { BackendChoice } from "./BackendChoice.tsx";
import { ColorSchemeButton } from "./ColorSchemeButton.tsx";
import classes from "./TopBar.module.css";

// They would make the page's first load longer.
const RunsDialog = lazy(() => import("../features/runs/RunsDialog.tsx"));
const BenchmarkDialog = lazy(() => import("../features/benchmark/BenchmarkDialog.tsx"));
const AboutText = lazy(() => import("./AboutText.tsx"));

export function TopBar() {
  return (
    <header className={classes.bar}>
      <h1 className={classes.name}>
        <img
          src={`${import.meta.env.BASE_URL}icon.svg`}
          alt="Diffusion MNIST"
          width={22}
          height={22}
        />
        <span aria-hidden="true">Diffusion MNIST</span>
      </h1>
      <ViewTabs />
      <Group gap={4} ml="auto" wrap="nowrap" miw={0}>
        <BackendChoice />
        <RunsButton />
        <ShareButton />
        <BenchmarkButton />
        <AboutButton />
        <ColorSchemeButton />
      </Group>
    </header>
  );
}

/** Links, so that a view can also be opened in another tab of the browser. */
function ViewTabs() {
  const current = useAppState((state) => state.view);
  const tabs = useRef<HTMLElement>(null);
  // On a phone the row scrolls sideways and the page may be scrolled down: a view that opens is seen from its top.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another view has another tab.
  useEffect(() => {
    const tab = tabs.current?.querySelector("[aria-current]");
    tab?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [current]);
  return (
    <nav ref={tabs} className={classes.tabs} aria-label="Views" data-first-step="views">
      {VIEWS.map((view) => (
        <ViewLink
          key={view}
          view={view}
          className={classes.tab}
          aria-current={view === current ? "page" : undefined}
        >
          {VIEW_LABELS[view]}
        </ViewLink>
      ))}
    </nav>
  );
}

function RunsButton() {
  const { store } = useApp();
  const isShown = useAppState(({ stored }) => stored.isListShown);
  const numRuns = useAppState(({ stored }) => stored.runs?.length ?? 0);
  const show = () => store.setState(({ stored }) => ({ stored: showList(stored) }));
  const hide = () =>
    store.setState(({ stored, notices }) => ({
      stored: hideList(stored),
      // The list has shown that a file was no run.
      notices: withoutSource(notices, "weights"),
    }));
  return (
    <>
      <ToolButton
        icon={<ListIcon />}
        words="Runs"
        aria-label={numRuns > 0 ? `Runs ${numRuns}` : "Runs"}
        title="Saved runs"
        aria-haspopup="dialog"
        onClick={show}
      >
        {numRuns > 0 && <span className={classes.number}>{numRuns}</span>}
      </ToolButton>
      {isShown && (
        <ErrorBoundary part="The list of runs" onClose={hide}>
          <RunsDialog onClose={hide} />
        </ErrorBoundary>
      )}
    </>
  );
}

/** Copies a link to this page with its settings, and shows it, for browsers that do not allow copying. */
function ShareButton() {
  const { store } = useApp();
  const id = useId();
  const [link, setLink] = useState("");
  const clipboard = useClipboard({ timeout: 60_000 });
  const share = () => {
    const newLink = shareLink(store.getState());
    setLink(newLink);
    clipboard.reset();
    clipboard.copy(newLink);
  };
  return (
    <>
      <ToolButton
        icon={<ShareIcon />}
        words="Share"
        title="Copy a link to this page with your settings"
        popoverTarget={id}
        onClick={share}
      />
      <Popup id={id} align="end">
        <Text size="sm" role="status">
          {clipboard.copied ? "Link copied." : "Copy this link."} It opens this page with your
          settings.
        </Text>
        <TextInput
          mt="xs"
          aria-label="Link"
          readOnly
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
      </Popup>
    </>
  );
}

function BenchmarkButton() {
  const [isOpen, setIsOpen] = useState(false);
  /** The last ones, for when it is opened again. */
  const [figures, setFigures] = useState<BenchmarkFigures | null>(null);
  const close = () => setIsOpen(false);
  return (
    <>
      <ToolButton
        icon={<GaugeIcon />}
        words="Benchmark"
        title="Benchmark this device"
        aria-label="Benchmark this device"
        aria-haspopup="dialog"
        onClick={() => setIsOpen(true)}
      />
      {isOpen && (
        <ErrorBoundary part="The benchmark" onClose={close}>
          <BenchmarkDialog figures={figures} onFigures={setFigures} onClose={close} />
        </ErrorBoundary>
      )}
    </>
  );
}

/** What the page does, in a few sentences, and whose work it is based on. */
function AboutButton() {
  const id = useId();
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="About this page"
        title="About this page"
        popoverTarget={id}
      >
        ?
      </ActionIcon>
      <Popup id={id} align="end" part="The text">
        <AboutText popupId={id} />
      </Popup>
    </>
  );
}

interface ToolButtonProps extends ButtonProps, ElementProps<"button", keyof ButtonProps> {
  icon: ReactNode;
  /** Beside the icon, where the bar is wide enough. */
  words: string;
}

function ToolButton({ icon, words, children, ...button }: ToolButtonProps) {
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-sm"
      flex="none"
      className={classes.tool ?? ""}
      leftSection={icon}
      aria-label={words}
      {...button}
    >
      <span className={classes.toolWords}>{words}</span> {children}
    </Button>
  );
}
