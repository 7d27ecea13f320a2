/** The few symbols of the page; every one stands beside a word or under an aria-label. */
import type { ReactNode } from "react";

function Icon({ children }: { children: ReactNode }) {
  return (
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

export function PlayIcon() {
  return (
    <Icon>
      <path d="M4.5 3v10l8-5z" fill="currentColor" />
    </Icon>
  );
}

export function PauseIcon() {
  return (
    <Icon>
      <path d="M5 3.5v9M11 3.5v9" strokeWidth="3" />
    </Icon>
  );
}

export function StopIcon() {
  return (
    <Icon>
      <rect x="4" y="4" width="8" height="8" rx="1" fill="currentColor" />
    </Icon>
  );
}

export function SunIcon() {
  return (
    <Icon>
      <circle cx="8" cy="8" r="3" />
      <path d="M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1" />
    </Icon>
  );
}

export function MoonIcon() {
  return (
    <Icon>
      <path d="M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z" />
    </Icon>
  );
}

/** Half light, half dark: as the system has it. */
export function SystemIcon() {
  return (
    <Icon>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
    </Icon>
  );
}

export function ShuffleIcon() {
  return (
    <Icon>
      <rect x="2" y="2" width="12" height="12" rx="3" />
      <path d="M5.5 5.5h.01M10.5 5.5h.01M8 8h.01M5.5 10.5h.01M10.5 10.5h.01" strokeWidth="2" />
    </Icon>
  );
}

export function CloseIcon() {
  return (
    <Icon>
      <path d="M4 4l8 8M12 4l-8 8" />
    </Icon>
  );
}

export function ListIcon() {
  return (
    <Icon>
      <path d="M2.5 4h.01M2.5 8h.01M2.5 12h.01" strokeWidth="2.2" />
      <path d="M6 4h8M6 8h8M6 12h8" />
    </Icon>
  );
}

export function ShareIcon() {
  return (
    <Icon>
      <path d="M8 10V1.5M4.5 5 8 1.5 11.5 5M3 9v5h10V9" />
    </Icon>
  );
}

export function PencilIcon() {
  return (
    <Icon>
      <path d="M3 13l.6-2.8 7.2-7.2 2.2 2.2-7.2 7.2z" />
    </Icon>
  );
}

export function GaugeIcon() {
  return (
    <Icon>
      <path d="M3.4 12.5a6 6 0 1 1 9.2 0M8 9l2.5-3.5" />
    </Icon>
  );
}

export function MoreIcon() {
  return (
    <Icon>
      <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" strokeWidth="2.5" />
    </Icon>
  );
}
