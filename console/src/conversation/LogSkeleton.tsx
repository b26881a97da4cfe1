import { Skeleton } from "@mantine/core";
import timeline from "./Timeline.module.css";

export function LogSkeleton() {
  return (
    <div className={timeline["skeleton"]} aria-hidden="true">
      <Skeleton height={38} width={220} radius="lg" /><Skeleton height={56} width={320} radius="lg" />
      <Skeleton height={38} width={180} radius="lg" style={{ alignSelf: "flex-end" }} /><Skeleton height={38} width={260} radius="lg" />
    </div>
  );
}
