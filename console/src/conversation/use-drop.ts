/** Files dragged over the conversation from outside the browser. */
import { useRef, useState, type DragEvent } from "react";

interface Handlers { onDragEnter: (event: DragEvent) => void; onDragOver: (event: DragEvent) => void; onDragLeave: () => void; onDrop: (event: DragEvent) => void }

const hasFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes("Files");

export function useDrop(onFiles: (files: File[]) => void): { over: boolean; handlers: Handlers } {
  // Every element inside says enter and leave of its own.
  const depth = useRef(0);
  const [over, setOver] = useState(false);
  const end = (): void => {
    depth.current = 0;
    setOver(false);
  };
  return {
    over,
    handlers: {
      onDragEnter: (event) => {
        if (!hasFiles(event)) return;
        depth.current += 1;
        setOver(true);
      },
      onDragOver: (event) => { if (hasFiles(event)) event.preventDefault(); },
      onDragLeave: () => {
        depth.current -= 1;
        if (depth.current <= 0) end();
      },
      onDrop: (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        end();
        onFiles([...event.dataTransfer.files]);
      },
    },
  };
}
