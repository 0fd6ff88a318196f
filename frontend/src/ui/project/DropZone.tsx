import { IconPhotoPlus } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import type { ChosenFile } from "../../api/upload";
import { notifyError } from "../shared/notify";
import { droppedFiles } from "./chosen";
import classes from "./DropZone.module.css";

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

/** Files may be dropped anywhere on the page; without this the browser would open them instead. */
export function DropZone({ onFiles }: { onFiles: (files: readonly ChosenFile[]) => void }) {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    // Each element that is entered or left says so: the depth tells when the page itself is left.
    let depth = 0;
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth += 1;
      setIsOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth -= 1;
      if (depth === 0) setIsOver(false);
    };
    const over = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setIsOver(false);
      if (!event.dataTransfer) return;
      droppedFiles(event.dataTransfer).then(onFiles, (error: unknown) =>
        notifyError("What was dropped could not be read", error),
      );
    };
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("dragover", over);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("dragover", over);
      window.removeEventListener("drop", drop);
    };
  }, [onFiles]);
  if (!isOver) return null;
  return (
    <div className={classes.zone}>
      <div>
        <IconPhotoPlus size={32} stroke={1.4} />
        Drop images to upload, or a dataset to import
      </div>
    </div>
  );
}
