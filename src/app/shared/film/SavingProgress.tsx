import { CloseButton, Group, Progress } from "@mantine/core";
import { formatCount } from "../../../runtime/format.ts";
import { formatTimeLeft } from "../timeLeft.ts";
import type { FilmProgress, Saving } from "./useSaving.ts";

/** How far a film is, with Cancel; then what was saved. */
export function SavingProgress({ saving, className }: { saving: Saving; className?: string }) {
  const { progress, message, cancel, dismiss } = saving;
  return (
    <Group
      component="span"
      gap="xs"
      fz="sm"
      {...(className !== undefined && { className })}
      data-idle={(!progress && !message) || undefined}
    >
      {progress && <Running progress={progress} cancel={cancel} />}
      {/* Always there, so that what comes into it is read out. */}
      <span role="status">{message}</span>
      {message && <CloseButton size="sm" aria-label="Dismiss the message" onClick={dismiss} />}
    </Group>
  );
}

function Running({ progress, cancel }: { progress: FilmProgress; cancel: () => void }) {
  const { numDone, numFrames, startMs } = progress;
  const elapsedMs = performance.now() - startMs;
  const fraction = numDone / numFrames;
  return (
    <>
      <span>
        {formatCount(numDone)} of {formatCount(numFrames)} frames
        {formatTimeLeft({ elapsedMs, fractionBefore: 0, fraction })}
      </span>
      <Progress value={100 * fraction} aria-label="Saving" w={120} />
      <CloseButton size="sm" aria-label="Cancel" onClick={cancel} />
    </>
  );
}
