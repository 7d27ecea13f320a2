/** Symbols, each beside a word or under an aria-label. */
import type { ComponentType, ReactNode } from "react";

function iconOf(children: ReactNode): ComponentType {
  return () => (
    <svg
      width="1em"
      height="1em"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const PlayIcon = iconOf(<path d="M4.5 3v10l8-5z" fill="currentColor" />);
export const PauseIcon = iconOf(<path d="M5 3.5v9M11 3.5v9" strokeWidth="3" />);
export const StopIcon = iconOf(
  <rect x="4" y="4" width="8" height="8" rx="1" fill="currentColor" />,
);
export const SunIcon = iconOf(
  <>
    <circle cx="8" cy="8" r="3" />
    <path d="M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1" />
  </>,
);
/** An eye: what stays awake. */
export const EyeIcon = iconOf(
  <>
    <path d="M1.5 8s2.4-4.5 6.5-4.5S14.5 8 14.5 8s-2.4 4.5-6.5 4.5S1.5 8 1.5 8z" />
    <circle cx="8" cy="8" r="1.8" fill="currentColor" />
  </>,
);
export const MoonIcon = iconOf(<path d="M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z" />);

export const SystemIcon = iconOf(
  <>
    <circle cx="8" cy="8" r="6" />
    <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
  </>,
);
export const ShuffleIcon = iconOf(
  <>
    <rect x="2" y="2" width="12" height="12" rx="3" />
    <path d="M5.5 5.5h.01M10.5 5.5h.01M8 8h.01M5.5 10.5h.01M10.5 10.5h.01" strokeWidth="2" />
  </>,
);
export const CloseIcon = iconOf(<path d="M4 4l8 8M12 4l-8 8" />);
export const ShareIcon = iconOf(<path d="M8 10V1.5M4.5 5 8 1.5 11.5 5M3 9v5h10V9" />);
export const PencilIcon = iconOf(<path d="M3 13l.6-2.8 7.2-7.2 2.2 2.2-7.2 7.2z" />);
export const MoreIcon = iconOf(<path d="M3.5 8h.01M8 8h.01M12.5 8h.01" strokeWidth="2.5" />);
