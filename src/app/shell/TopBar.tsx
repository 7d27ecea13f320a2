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
import { lazy, type ReactNode, useId, useState } from "react";
import type { BenchmarkFigures } from "../features/benchmark/figures.ts";
import { useApp, useAppState } from "../shared/AppContext.ts";
import { GaugeIcon, ShareIcon } from "../shared/icons.tsx";
import { ErrorBoundary } from "../shared/parts/ErrorBoundary.tsx";
import { Popup } from "../shared/parts/Popup.tsx";
import { ViewLink } from "../shared/parts/ViewLink.tsx";
import { shareLink } from "../state/address.ts";
import {
  PLACES,
  type PlaceName,
  placeOf,
  VIEW_LABELS,
  type ViewName,
} from "../state/slices/view.ts";
import { BackendChoice } from "./BackendChoice.tsx";
import { ColorSchemeButton } from "./ColorSchemeButton.tsx";
import classes from "./TopBar.module.css";

// They would make the page's first load longer.
const BenchmarkDialog = lazy(() => import("../features/benchmark/BenchmarkDialog.tsx"));
const AboutText = lazy(() => import("./AboutText.tsx"));

const PLACE_NAMES = Object.keys(PLACES) as PlaceName[];

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
      <Places />
      <Group gap={4} ml="auto" wrap="nowrap" miw={0}>
        <BackendChoice />
        <ShareButton />
        <BenchmarkButton />
        <AboutButton />
        <ColorSchemeButton />
      </Group>
    </header>
  );
}

/** Links, so that a place can also be opened in another tab of the browser. Each leads to the view of it that was seen last. */
function Places() {
  const view = useAppState((state) => state.view);
  const current = placeOf(view);
  const numRuns = useAppState(({ stored }) => stored.runs?.length ?? 0);
  const [seen, setSeen] = useState<Partial<Record<PlaceName, ViewName>>>({});
  // Train shows its settings again, not the drawing of the network that follows from them.
  if (current !== "train" && seen[current] !== view) setSeen({ ...seen, [current]: view });
  return (
    <nav className={classes.tabs} aria-label="Places">
      {PLACE_NAMES.map((name) => {
        const { label, views } = PLACES[name];
        return (
          <ViewLink
            key={name}
            view={seen[name] ?? views[0]}
            className={classes.tab}
            aria-current={name === current ? "page" : undefined}
          >
            {label}
            {name === "runs" && numRuns > 0 && <span className={classes.number}>{numRuns}</span>}
          </ViewLink>
        );
      })}
    </nav>
  );
}

/** The views of a place that has several. */
export function PlaceTabs() {
  const view = useAppState((state) => state.view);
  const { label, views } = PLACES[placeOf(view)];
  if (views.length === 1) return null;
  return (
    <nav className={classes.views} aria-label={label}>
      {views.map((name) => (
        <ViewLink
          key={name}
          view={name}
          className={classes.view}
          aria-current={name === view ? "page" : undefined}
        >
          {name === "train" ? "Settings" : VIEW_LABELS[name]}
        </ViewLink>
      ))}
    </nav>
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
