import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconPencil, IconPhoto, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { answer, api, coverUrl, type Project } from "../../api/client";
import { keys } from "../queries";
import { ConfirmDelete } from "../shared/ConfirmDelete";
import { plural } from "../shared/format";
import { notifyError } from "../shared/notify";
import { ProjectDialog } from "./ProjectDialog";
import classes from "./ProjectsPage.module.css";

const COVERS = 3;

function Cover({ imageIds }: { imageIds: readonly number[] }) {
  const shown = imageIds.slice(0, COVERS);
  return (
    <div className={classes.cover} data-count={shown.length}>
      {shown.map((id) => (
        <img key={id} src={coverUrl(id)} alt="" loading="lazy" />
      ))}
      {shown.length === 0 && (
        <div className={classes.noCover}>
          <IconPhoto size={28} stroke={1.3} />
        </div>
      )}
    </div>
  );
}

export function ProjectCard({ project }: { project: Project }) {
  const client = useQueryClient();
  const [open, setOpen] = useState<"rename" | "delete" | null>(null);
  const { id, name, description, image_count, done_count, annotation_count, role } = project;
  const remove = useMutation({
    mutationFn: () =>
      answer(api.DELETE("/api/projects/{project_id}", { params: { path: { project_id: id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.projects }),
    onError: (error) => notifyError("The project was not deleted", error),
  });
  const done = image_count > 0 ? done_count / image_count : 0;
  return (
    <article className={classes.card} data-testid="project-card">
      <Cover imageIds={project.cover_image_ids} />
      <div className={classes.body}>
        <Link className={classes.name} to={`/projects/${id}`}>
          {name}
        </Link>
        <div className={classes.description}>{description}</div>
        <div className={`${classes.counts} tabular`}>
          <span>{plural(image_count, "image")}</span>
          <span>{plural(annotation_count, "annotation")}</span>
          <span style={{ marginLeft: "auto" }}>{Math.floor(done * 100)}% done</span>
        </div>
        <div className={classes.progress}>
          <div style={{ width: `${done * 100}%` }} />
        </div>
      </div>
      {role === "owner" && (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon className={classes.menu ?? ""} aria-label={`Actions for ${name}`}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => setOpen("rename")}>
              Rename…
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={15} />}
              onClick={() => setOpen("delete")}
            >
              Delete…
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      <ProjectDialog opened={open === "rename"} onClose={() => setOpen(null)} project={project} />
      <ConfirmDelete
        opened={open === "delete"}
        onClose={() => setOpen(null)}
        title="Delete this project?"
        typed={name}
        isPending={remove.isPending}
        onConfirm={() => remove.mutate()}
      >
        {plural(image_count, "image")} and {plural(annotation_count, "annotation")} go with it. This
        cannot be undone.
      </ConfirmDelete>
    </article>
  );
}
