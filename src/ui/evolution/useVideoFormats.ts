import { useEffect, useState } from "react";
import { encodableVideos, type VideoFormat } from "../../formats/videoFormats.ts";

const NONE: readonly VideoFormat[] = [];

/** The videos of a size that this browser can make; none before it has answered. */
export function useVideoFormats({ width, height }: { width: number; height: number }) {
  const [formats, setFormats] = useState(NONE);
  useEffect(() => {
    let isLeft = false;
    void encodableVideos({ width, height }).then((found) => {
      if (!isLeft) setFormats(found);
    });
    return () => {
      isLeft = true;
    };
  }, [width, height]);
  return formats;
}
