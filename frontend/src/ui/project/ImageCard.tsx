import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconPolygon, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { memo, useState } from "react";
import { Link } from "react-router";
import { answer, api, type Image, type ImageState, thumbnailUrl } from "../../api/client";
import { useStates, useWaitingState } from "../app/sending";
import { keys } from "../queries";
import { ConfirmDelete } from "../shared/ConfirmDelete";
import { FileName } from "../shared/FileName";
import { plural } from "../shared/format";
import { notifyError } from "../shared/notify";
import { STATE_NAMES, STATES, StateBadge, StateDot } from "../shared/states";
import classes from "./ProjectPage.module.css";

function ImageMenu({ image, state: current }: { image: Image; state: ImageState }) {
  const client = useQueryClient();
  const [isDeleting, setIsDeleting] = useState(false);
  const params = { path: { image_id: image.id } };
  const refresh = () => client.invalidateQueries({ queryKey: keys.project(image.project_id) });
  const states = useStates();
  const remove = useMutation({
    mutationFn: () => answer(api.DELETE("/api/images/{image_id}", { params })),
    onSuccess: refresh,
    onError: (error) => notifyError("The image was not deleted", error),
  });
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon
            size={24}
            className={classes.menu ?? ""}
            aria-label={`Actions for ${image.name}`}
          >
            <IconDots size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>State</Menu.Label>
          {STATE_NAMES.map((state) => (
            <Menu.Item
              key={state}
              leftSection={<StateDot state={state} />}
              disabled={state === current}
              onClick={() => states?.set(image, state)}
            >
              {STATES[state]}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={15} />}
            onClick={() => setIsDeleting(true)}
          >
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDelete
        opened={isDeleting}
        onClose={() => setIsDeleting(false)}
        title="Delete this image?"
        typed={image.annotation_count > 0 ? image.name : null}
        isPending={remove.isPending}
        onConfirm={() => remove.mutate()}
      >
        {image.name}
        {image.annotation_count > 0 && ` and its ${plural(image.annotation_count, "annotation")}`}{" "}
        will be gone. This cannot be undone.
      </ConfirmDelete>
    </>
  );
}

export const ImageCard = memo(function ImageCard(props: { image: Image; canEdit: boolean }) {
  const { image, canEdit } = props;
  const state = useWaitingState(image.id) ?? image.state;
  return (
    <article className={classes.card} data-testid="image-card">
      <div className={classes.picture}>
        <img src={thumbnailUrl(image)} alt="" loading="lazy" />
      </div>
      <div className={classes.cardBody}>
        <Link
          className={classes.imageName}
          to={`/projects/${image.project_id}/images/${image.id}`}
          title={image.name}
        >
          <FileName of={image.name} />
        </Link>
        <div className={`${classes.meta} tabular`}>
          <span>
            {image.width} × {image.height}
          </span>
          <span className={classes.badgeCount} title={plural(image.annotation_count, "annotation")}>
            <IconPolygon size={13} stroke={1.6} />
            {image.annotation_count}
          </span>
        </div>
        <StateBadge state={state} />
      </div>
      {canEdit && <ImageMenu image={image} state={state} />}
    </article>
  );
});
