import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";

export function CopyButton({ label, text }: { label: string; text: string }) {
  const { copy, copied, error } = useClipboard();
  // Not over HTTP, and not where the person forbids it.
  const failure = error && "The browser did not allow it";
  return (
    <Button size="xs" onClick={() => copy(text)}>
      <span aria-live="polite">{copied ? "Copied" : (failure ?? label)}</span>
    </Button>
  );
}
