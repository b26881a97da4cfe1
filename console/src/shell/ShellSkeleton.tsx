/** The first paint: where things will be. */
import { Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ListSkeleton } from "../inbox/ListSkeleton";
import shell from "./Shell.module.css";
import rail from "./Rail.module.css";
import inbox from "../inbox/InboxPage.module.css";

export function ShellSkeleton() {
  const { t } = useTranslation();
  return (
    <div className={shell["shell"]} aria-busy="true">
      <span className="sr" role="status">{t("common.loading")}</span>
      <div className={rail["rail"]}><Skeleton height={36} width={36} radius="md" /></div>
      <div className={shell["main"]}>
        <div className={shell["page"]}>
          <div className={inbox["inbox"]}>
            <div className={inbox["list"]}><div style={{ padding: "20px 16px" }}><Skeleton height={24} width={120} /></div><ListSkeleton /></div>
            <div className={inbox["pane"]} />
          </div>
        </div>
      </div>
    </div>
  );
}
