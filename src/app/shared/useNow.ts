import { useEffect, useState } from "react";

/** Unix time, to ten seconds: for words such as `5 min ago`. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    // It may have been hidden, and its timer stopped.
    setNowMs(Date.now());
    const timer = setInterval(() => setNowMs(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
