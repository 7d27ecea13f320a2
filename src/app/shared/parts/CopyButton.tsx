import { Button } from "@mantine/core";
import { useState } from "react";

/** How long it says what came of it. */
const RESULT_MS = 2000;

export function CopyButton({ label, text }: { label: string; text: string }) {
  const [result, setResult] = useState<string | null>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setResult("Copied");
    } catch {
      // Not over HTTP, and not where the person forbids it.
      setResult("The browser did not allow it");
    }
    setTimeout(() => setResult(null), RESULT_MS);
  };
  return (
    <Button size="xs" variant="default" onClick={copy}>
      <span aria-live="polite">{result ?? label}</span>
    </Button>
  );
}
