/** A person by their photo, else as the coloured circle with an initial. */
import { useState } from "react";
import { Avatar } from "./Avatar";
import styles from "./Photo.module.css";

interface Props { id: string; name: string; url: string | null | undefined; size?: number; dot?: "online" | "away" | "offline" | null }

export function Photo({ id, name, url, size = 36, dot = null }: Props) {
  const [failed, setFailed] = useState<string | null>(null);
  return (
    <span className={styles["photo"]} style={{ width: size, height: size }}>
      <Avatar id={id} name={name} size={size} dot={dot} />
      {url && failed !== url && <img src={url} alt="" width={size} height={size} onError={() => setFailed(url)} />}
    </span>
  );
}
