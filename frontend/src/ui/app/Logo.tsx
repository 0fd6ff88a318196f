export function Logo({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="4 4 24 24" aria-hidden="true">
      <path
        d="M8 21.5 10.5 9l8 2.5L24 8l-1 13-8.5 3z"
        fill="#5ad1b3"
        fillOpacity=".28"
        stroke="#5ad1b3"
        strokeWidth="2"
        strokeLinejoin="round"
      />
      <g fill="#101319" stroke="#5ad1b3" strokeWidth="1.6">
        <circle cx="10.5" cy="9" r="2" />
        <circle cx="24" cy="8" r="2" />
        <circle cx="14.5" cy="24" r="2" />
      </g>
    </svg>
  );
}
