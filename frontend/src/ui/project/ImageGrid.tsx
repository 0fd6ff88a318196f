import { Button, FileButton, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import {
  IconDownload,
  IconPackageImport,
  IconPhotoPlus,
  IconSearch,
  IconUpload,
} from "@tabler/icons-react";
import { type ReactNode, useRef, useState } from "react";
import type { ImageState, Project } from "../../api/client";
import { describeError } from "../../api/problems";
import { type ImageFilter, useImages } from "../queries";
import { plural } from "../shared/format";
import { Loading } from "../shared/Loading";
import { Message } from "../shared/Message";
import { STATE_NAMES, STATES } from "../shared/states";
import { useEndReached } from "../shared/useEndReached";
import { ImageCard } from "./ImageCard";
import classes from "./ProjectPage.module.css";

interface Props {
  readonly project: Project;
  readonly canEdit: boolean;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onExport: () => void;
  readonly onImport: () => void;
  /** The way to imports and exports that run or ran. */
  readonly jobs: ReactNode;
}

const STATE_OPTIONS = STATE_NAMES.map((state) => ({ value: state, label: STATES[state] }));

function UploadButton({ onFiles, variant }: { onFiles: Props["onFiles"]; variant: string }) {
  const reset = useRef<() => void>(null);
  const take = (files: File[]) => {
    onFiles(files);
    // Else the same files, chosen again after they were refused, would be no change to the browser.
    reset.current?.();
  };
  return (
    <FileButton multiple accept="image/*,.tif,.tiff" resetRef={reset} onChange={take}>
      {(props) => (
        <Button {...props} variant={variant} leftSection={<IconUpload size={15} />}>
          Upload images
        </Button>
      )}
    </FileButton>
  );
}

export function ImageGrid({ project, canEdit, onFiles, onExport, onImport, jobs }: Props) {
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text.trim(), 250);
  const [state, setState] = useState<ImageState | null>(null);
  const filter: ImageFilter = { ...(q ? { q } : {}), ...(state ? { state } : {}) };
  const images = useImages(project.id, filter);
  const items = images.data?.pages.flatMap((page) => page.items) ?? [];
  const total = images.data?.pages[0]?.total;
  const isFiltered = q !== "" || state !== null;
  const end = useEndReached(images.hasNextPage, () => {
    if (!images.isFetchingNextPage) void images.fetchNextPage();
  });
  return (
    <main className={classes.images}>
      <div className={classes.bar}>
        <TextInput
          aria-label="Search images by name"
          placeholder="Search by name"
          leftSection={<IconSearch size={14} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          w={220}
        />
        <Select
          aria-label="State"
          placeholder="Any state"
          data={STATE_OPTIONS}
          value={state}
          onChange={(value) => setState(value as ImageState | null)}
          clearable
          w={140}
        />
        <span className={`${classes.count} tabular`}>
          {total !== undefined && plural(total, "image")}
        </span>
        <span className={classes.spacer} />
        {jobs}
        {canEdit && (
          <Button
            variant="default"
            leftSection={<IconPackageImport size={15} />}
            onClick={onImport}
          >
            Import
          </Button>
        )}
        <Button
          variant="default"
          leftSection={<IconDownload size={15} />}
          onClick={onExport}
          disabled={project.image_count === 0}
        >
          Export
        </Button>
        {canEdit && <UploadButton onFiles={onFiles} variant="filled" />}
      </div>
      <div className={classes.scroll}>
        {images.isPending && <Loading />}
        {images.isError && (
          <Message title="The images could not be loaded">{describeError(images.error)}</Message>
        )}
        {images.isSuccess && items.length === 0 && isFiltered && (
          <Message title="No image fits">Change the search or the state to see others.</Message>
        )}
        {images.isSuccess && items.length === 0 && !isFiltered && (
          <Message
            icon={<IconPhotoPlus size={28} stroke={1.5} />}
            title="Drop images anywhere on this page"
            action={canEdit && <UploadButton onFiles={onFiles} variant="default" />}
          >
            JPEG, PNG, WebP, TIFF, BMP, GIF and AVIF. Photographs are turned upright as the camera
            says, and the files are kept as they came.
          </Message>
        )}
        <div className={classes.grid}>
          {items.map((image) => (
            <ImageCard key={image.id} image={image} canEdit={canEdit} />
          ))}
        </div>
        <div ref={end} />
      </div>
    </main>
  );
}
