import { Skeleton } from "@mantine/core";

/** Three rows that are not here yet. */
export function RowsSkeleton() {
  return <div aria-busy="true">{[0, 1, 2].map((row) => <Skeleton key={row} height={64} radius="md" mb={8} />)}</div>;
}
