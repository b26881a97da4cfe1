import { Skeleton } from "@mantine/core";

export function ListSkeleton() {
  return (
    <div aria-hidden="true" style={{ padding: "0 16px" }}>
      {[148, 96, 120, 84, 132, 110].map((width) => (
        <div key={width} style={{ display: "flex", gap: 12, padding: "15px 0" }}>
          <Skeleton circle height={40} />
          <div style={{ flex: 1, display: "grid", gap: 9, paddingTop: 3 }}>
            <Skeleton height={12} width={width} />
            <Skeleton height={11} />
            <Skeleton height={10} width={width * 0.7} />
          </div>
        </div>
      ))}
    </div>
  );
}
