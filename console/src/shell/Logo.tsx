/** The mark: one bubble, three dots. */
export function Logo({ size = 36 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="var(--brand-fill)" />
      <path d="M9 8.5h14a2.500 2.500 0 0 1 2.500 2.500v8a2.500 2.500 0 0 1-2.500 2.500h-6.500L11 25.500v-4H9A2.500 2.500 0 0 1 6.500 19v-8A2.500 2.500 0 0 1 9 8.500z" fill="#fff" />
      <g fill="var(--brand-fill)"><circle cx="11.800" cy="15" r="1.600" /><circle cx="16" cy="15" r="1.600" /><circle cx="20.200" cy="15" r="1.600" /></g>
    </svg>
  );
}
