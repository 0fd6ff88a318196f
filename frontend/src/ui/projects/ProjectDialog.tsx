import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { answer, api, type Project } from "../../api/client";
import { describeError } from "../../api/problems";
import { keys } from "../queries";

interface Props {
  readonly opened: boolean;
  readonly onClose: () => void;
  /** The project to change; without it a new one is made. */
  readonly project?: Project;
}

export function ProjectDialog({ opened, onClose, project }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={project ? "Rename project" : "New project"}>
      <ProjectForm onClose={onClose} {...(project ? { project } : {})} />
    </Modal>
  );
}

function ProjectForm({ project, onClose }: Omit<Props, "opened">) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState(project?.name ?? "");
  const [description, setDescription] = useState(project?.description ?? "");
  const save = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), description: description.trim() };
      return project
        ? answer(
            api.PATCH("/api/projects/{project_id}", {
              params: { path: { project_id: project.id } },
              body,
            }),
          )
        : answer(api.POST("/api/projects", { body }));
    },
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: keys.projects });
      await client.invalidateQueries({ queryKey: keys.project(saved.id) });
      onClose();
      if (!project) navigate(`/projects/${saved.id}`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={12}>
        <TextInput
          label="Name"
          placeholder="Street scenes"
          value={name}
          maxLength={200}
          onChange={(event) => setName(event.currentTarget.value)}
          error={save.isError ? describeError(save.error) : null}
          data-autofocus
        />
        <Textarea
          label="Description"
          placeholder="What is annotated, and what for"
          value={description}
          maxLength={4000}
          autosize
          minRows={3}
          maxRows={8}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap={8} mt={4}>
          <Button variant="subtle" color="gray" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!name.trim()} loading={save.isPending}>
            {project ? "Save" : "Create project"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
